"""Why a decision about a draft was not carried out, as a page says it: what to do, and no commands."""

from __future__ import annotations

from typing import TYPE_CHECKING

from daemon.review import ReviewRefused
from daemon.web.rooms import said
from state.approval_rules import ApprovalRefusal

if TYPE_CHECKING:
    from daemon.errors import SokuresuError
    from daemon.showing.reader import Reader

_SENTENCES = {
    ApprovalRefusal.NO_DRAFT: (
        "この下書きはもう待っていません。案件の画面で今の状態をお確かめください。",
        "This draft does not wait any more; see the case for how it stands.",
    ),
    ApprovalRefusal.NO_ADDRESS: (
        "返信先のアドレスがありません。セラーセントラルからご返信ください。",
        "There is no address to answer to; answer in Seller Central.",
    ),
    ApprovalRefusal.BEING_SENT: (
        "この案件の返信はすでに承認され、送信待ちか送信中です。",
        "An answer of this case was approved already and is on its way.",
    ),
    ApprovalRefusal.UNCERTAIN: (
        "前の返信が届いたか分かりません。先にそちらを決めてください。",
        "Nobody knows whether the last answer left; settle that first.",
    ),
    ApprovalRefusal.DISCARDED: ("この下書きは破棄されています。", "This draft was thrown away."),
    ApprovalRefusal.ALREADY_SENT: (
        "この下書きはすでに承認されています。二重に送ることはありません。",
        "This draft was approved before; it is not sent twice.",
    ),
    ApprovalRefusal.BUYER_WROTE_AGAIN: (
        "この画面を開いたあとに、新しいメッセージが届きました。読んでからお決めください。",
        "A new message has come since you opened this; read it before you decide.",
    ),
    ApprovalRefusal.ANSWERED_MEANWHILE: (
        "この画面を開いたあとに、この案件は別の方法で回答済みになりました。",
        "The case was answered another way since you opened this.",
    ),
    ApprovalRefusal.OLD_VERSION: (
        "新しい版の下書きができています。そちらをお確かめください。",
        "There is a newer version of the draft; look at that one.",
    ),
    ApprovalRefusal.FORBIDDEN_WORDS: (
        "このままでは送れません。赤い印のところを直してください。",
        "It may not be sent as it is; mend what is marked.",
    ),
    ApprovalRefusal.WARNINGS: (
        "注意があります。それでも送るなら、承知した印を入れてください。",
        "There are warnings; tick the box if it is to go all the same.",
    ),
    ApprovalRefusal.DRAFT_GONE: (
        "下書きフォルダーの下書きがなくなっていました。送信済みでないか確かめてください。",
        "The draft was no longer in the Drafts folder; make sure that it was not sent from there.",
    ),
    ApprovalRefusal.DRAFT_EDITED: (
        "下書きフォルダーの下書きが書き換えられていました。どちらを送るか決めてください。",
        "The draft in the Drafts folder was edited; decide which of the two is to go.",
    ),
}


def say_refusal(refusal: ApprovalRefusal, reader: Reader) -> str:
    """Why not, in the reader's language."""
    return reader.say(*_SENTENCES[refusal])


def say_error(error: SokuresuError, reader: Reader) -> str:
    """The same of any foreseen error."""
    if isinstance(error, ReviewRefused):
        return say_refusal(error.refusal, reader)
    return said(error, reader)
