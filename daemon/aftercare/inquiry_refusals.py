"""Why an inquiry of a shipping agent may not go, and how that is said."""

from __future__ import annotations

from enum import StrEnum

from daemon.errors import SokuresuError


class InquiryRefusal(StrEnum):
    """Why an inquiry may not go, or may not go any more."""

    NO_AGENT = "agent_not_configured"
    NO_ACCOUNT = "inquiry_without_account"
    TOO_OLD = "inquiry_too_old"
    EMPTY = "inquiry_empty"
    TOO_LONG = "inquiry_too_long"
    BLANKS = "inquiry_blanks"
    SAME_TEXT = "inquiry_same_text"
    BUYER_NAME = "inquiry_buyer_name"
    BUYER_ADDRESS = "inquiry_buyer_address"
    BUYER_NUMBER = "inquiry_buyer_number"
    BUYER_WORDS = "inquiry_buyer_words"


REFUSALS = {
    InquiryRefusal.NO_AGENT: (
        "宛先が設定の [[shipping_agent]] にありません",
        "the recipient is no [[shipping_agent]] of the configuration",
    ),
    InquiryRefusal.NO_ACCOUNT: (
        "送るメールボックスが設定にありません",
        "the mailbox that it leaves by is not configured any more",
    ),
    InquiryRefusal.TOO_OLD: ("12時間たっても送れませんでした", "it could not leave for 12 hours"),
    InquiryRefusal.EMPTY: ("本文がありません", "there is no text"),
    InquiryRefusal.TOO_LONG: ("本文が 4,000 文字を超えています", "the text is longer than 4,000 characters"),
    InquiryRefusal.BLANKS: ("記入されていない〔 〕が残っています", "a blank 〔 〕 is not filled in"),
    InquiryRefusal.SAME_TEXT: ("同じ文面をすでに送っています", "the same text was sent before"),
    InquiryRefusal.BUYER_NAME: ("購入者の名前が入っています", "it holds the buyer's name"),
    InquiryRefusal.BUYER_ADDRESS: ("購入者のメールアドレスが入っています", "it holds a buyer's mail address"),
    InquiryRefusal.BUYER_NUMBER: ("購入者の電話番号が入っています", "it holds a buyer's telephone number"),
    InquiryRefusal.BUYER_WORDS: (
        "購入者の文章がそのまま入っています。ご自分の言葉で書いてください",
        "it quotes what the buyer wrote; say it in your own words",
    ),
}
"""Each refusal in Japanese and English."""


_OPTIONS = {
    InquiryRefusal.BLANKS: ("--text で書き直してください", "write the text with --text"),
    InquiryRefusal.SAME_TEXT: ("もう一度送るなら --again", "to send it once more: --again"),
}


def refusal_typed(refusal: InquiryRefusal) -> tuple[str, str]:
    """The same in Japanese and English, with the option of the command that helps, where one does."""
    (ja, en), option = REFUSALS[refusal], _OPTIONS.get(refusal)
    return (ja, en) if option is None else (f"{ja}。{option[0]}", f"{en}; {option[1]}")


class InquiryRefused(SokuresuError):  # noqa: N818 - reads as what it is
    """An inquiry may not be sent; nothing was.

    Attributes:
        refusal: why.
    """

    def __init__(self, refusal: InquiryRefusal, case_id: int) -> None:
        ja, en = refusal_typed(refusal)
        super().__init__(
            f"案件 {case_id} の問い合わせは送れません: {ja}。"
            f" / The inquiry of case {case_id} may not go: {en}."
        )
        self.refusal = refusal
