"""Says in the owner's language why a mail is proven, or is not."""

from __future__ import annotations

import re

_LONGEST = 200

_JAPANESE = (
    (
        "no host is configured whose results are believed",
        "authserv_id の設定がなく、確かめられません",
    ),
    ("no result of the trusted host", "設定した authserv_id のサーバーによる認証結果がありません"),
    ("the mail does not name exactly one sender", "差出人が1つに決まりません"),
    ("nothing passed for ", "差出人のドメインについて合格した認証がありません: "),
    ("dkim failed", "DKIMの確認に失敗しました"),
    ("dmarc failed", "DMARCの確認に失敗しました"),
    ("dkim passed for ", "DKIMで確認できました: "),
    ("dmarc passed for ", "DMARCで確認できました: "),
    ("our own check found a good signature", "署名を直接確かめました"),
    ("too large for our own check", "大きすぎて署名を確かめられません"),
    ("it carries no DKIM signature", "DKIMの署名がありません"),
    ("its header is too large for our own check", "ヘッダーが大きすぎて署名を確かめられません"),
    ("its header can be read in two ways", "ヘッダーが二通りに読めます"),
    ("a header stands in it twice", "同じヘッダーが二つあります"),
    ("a header is missing", "必要なヘッダーがありません"),
    ("a header is not signed", "署名されていないヘッダーがあります"),
    ("only a part of its text is signed", "本文の一部しか署名されていません"),
    ("it is signed in a way that is not supported", "対応していない方式の署名です"),
    ("its signature is of another domain", "別のドメインの署名です"),
    ("its signature has expired", "署名の期限が切れています"),
    ("its signature is of the future", "署名の日時が先の日付です"),
    ("its signature cannot be read", "署名を読み取れません"),
    ("its signature does not fit", "署名が合いません"),
    ("its text is not the one that was signed", "署名のあとで本文が変わっています"),
    ("DNS did not answer", "DNSから答えがありません"),
    ("there is no key for its signature", "署名の鍵が公開されていません"),
    ("the key of its signature was withdrawn", "署名の鍵は取り消されています"),
    ("the key of its signature is a test", "署名の鍵は試験用です"),
    ("the key of its signature is too short", "署名の鍵が短すぎます"),
    ("the key of its signature cannot be used", "署名の鍵を使えません"),
)
"""The phrases of the parsers; what a phrase is about may follow it."""

_PARTS = re.compile(r"; |, and (?=d[a-z]{3,4} failed)")

_PUT_ASIDE = (
    ("no rule reads this mail from Amazon", "このAmazonのメールを読み取る規則がまだありません"),
    (
        "no case has the order of this delivery failure",
        "届かなかったメールの注文に当たる案件がありません",
    ),
    ("taking in failed: ", "取り込みの途中で失敗しました: "),
)
"""The phrases of the quarantine, where nothing hangs on the proof."""


def explain_proof(reason: str, language: str) -> str:
    """The reason of a verdict in one line.

    Args:
        reason: as the parsers word it, which is English; a phrase that is not known stays as it is.
        language: ``ja`` or ``en``.
    """
    line = "".join(filter(str.isprintable, " ".join(reason.split())))[:_LONGEST]
    return line if language != "ja" else "。".join(map(_in_japanese, _PARTS.split(line)))


def _in_japanese(reason: str) -> str:
    for english, japanese in (*_JAPANESE, *_PUT_ASIDE):
        if reason.startswith(english):
            return japanese + reason[len(english) :]
    return reason
