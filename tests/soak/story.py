"""The traffic of a soak: every mail is made by the seed, and says of itself what must become of it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from tests.beds.post import answer_mail, buyer, claim, feedback, sample
from tests.beds.reviewing import DAMAGED, QUESTION
from tests.unit.parsers.mails import notice, ordinary, proof_headers

if TYPE_CHECKING:
    from collections.abc import Callable
    from random import Random

    from tests.unit.parsers.mails import BuyerMail

MAILBOXES = ("main", "second")
TAG = "X-Soak"
"""The header that every mail bears; quarantine keeps mails whole, so it is found there."""

_NEVER_ON_TIME = 0.03
_TEXTS = (
    DAMAGED,
    QUESTION,
    "まだ届いていません。いつ届きますか?",
    "違う商品が入っていました。どうすればよいですか?",
    "返品したいのですが、手順を教えてください。",
    "領収書を発行していただけますか?",
)
_THANKS = "ありがとうございました。"


class Fate(StrEnum):
    """What must have become of a mail once everything was read.

    Attributes:
        STORED: it is a message of a case, once.
        QUARANTINED: it is in quarantine and in no case.
        KEPT: it is in a case or in quarantine; which of them is not for this bench to say.
        NO_CASE: it is in no case; a mail with a name that is known may be left unread.
        NOWHERE: nothing of it was stored.
        FREE: it may leave a trace or none; it must do no harm.
    """

    STORED = "stored"
    QUARANTINED = "quarantined"
    KEPT = "kept"
    NO_CASE = "no case"
    NOWHERE = "nowhere"
    FREE = "free"


class Sort(StrEnum):
    """What kind of mail it is; the rows of the table of mails."""

    MESSAGE = "buyer's first message"
    AGAIN = "buyer's further message"
    COPY_OF_MESSAGE = "same message again"
    AUTOMATIC = "automatic reply"
    THANKS = "thanks"
    UNPROVEN = "not proven"
    PROVEN_LATER = "proof comes later"
    FORGED = "forged"
    FORGED_FIRST = "forged before the genuine one"
    LOW_RATING = "rating of 3 or less"
    GOOD_RATING = "rating of 4 or 5"
    CLAIM = "claim"
    SAMPLE = "refund, return or order notice"
    MALFORMED = "malformed"
    UNRECOGNISED = "unrecognised"
    UNRELATED = "somebody else's"
    SPAM = "spam in Amazon's name"
    HISTORY = "older than the first start"
    ANSWER = "owner's answer in Sent"
    REPLY_COPY = "Amazon's copy of a reply"
    BOUNCE = "delivery failure"
    COMMAND = "owner's command by mail"
    FILED = "provider's copy in Sent"


DYNAMIC = frozenset({Sort.REPLY_COPY, Sort.BOUNCE, Sort.COMMAND, Sort.FILED, Sort.ANSWER})
"""What answers something that the program sent, so that its words are known only while the soak runs."""

_SHARES = {
    Sort.MESSAGE: 15, Sort.AGAIN: 10, Sort.COPY_OF_MESSAGE: 8, Sort.AUTOMATIC: 4, Sort.THANKS: 4,
    Sort.UNPROVEN: 4, Sort.PROVEN_LATER: 3, Sort.FORGED: 6, Sort.FORGED_FIRST: 2, Sort.LOW_RATING: 3,
    Sort.GOOD_RATING: 2, Sort.CLAIM: 1, Sort.SAMPLE: 3, Sort.MALFORMED: 3, Sort.UNRECOGNISED: 2,
    Sort.UNRELATED: 12, Sort.SPAM: 4, Sort.ANSWER: 4, Sort.REPLY_COPY: 4, Sort.BOUNCE: 2, Sort.COMMAND: 2,
    Sort.FILED: 3,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Conversation:
    """One buyer's matter: the one address that may be written to about it."""

    buyer: int
    matter: int

    @property
    def number(self) -> int:
        """What makes its order and its case key its own."""
        return self.buyer * 10 + self.matter

    def mail(self, **changes: object) -> BuyerMail:
        """A message about it."""
        base = buyer(self.number).but(local=f"buyer{self.buyer:010d}")
        return base.but(**changes)

    @property
    def alias(self) -> str:
        """The address with the case key."""
        return self.mail().address


@dataclass(frozen=True, slots=True)
class Posting:
    """One mail that is delivered, and what must become of it.

    Attributes:
        mark: Amazon's key of the message, and part of every name; the copies of one message share it.
        tag: of this very mail.
        sort: what kind it is.
        fate: what must become of the message with that mark.
        content: the mail, without date and name.
        message_id: its name.
        conversation: whose matter it is, if it is a buyer's.
        may_be_acknowledged: it is a reason to write to the buyer.
        mailbox: whose account.
        folder: where it is put.
        seen: a person has read it before the program.
        delay: how long it was on its way.
        pick: which of what there is at that time a mail made at run time is about, from 0 to 1.
    """

    mark: str
    tag: str
    sort: Sort
    fate: Fate
    content: bytes = b""
    message_id: str = ""
    conversation: Conversation | None = None
    may_be_acknowledged: bool = False
    mailbox: str = MAILBOXES[0]
    folder: str = "INBOX"
    seen: bool = False
    delay: timedelta = timedelta(0)
    pick: float = 0.0


class Traffic:
    """Makes one mail after the other; the same dice make the same mails."""

    def __init__(self, dice: Random) -> None:
        """Start with nobody known."""
        self._dice = dice
        self._conversations: list[Conversation] = []
        self._genuine: list[Posting] = []
        self._unproven: list[Posting] = []
        self._ambushed: list[Posting] = []
        self._count = 0
        self._buyers = 0
        self._makers: dict[Sort, Callable[[], Posting]] = {
            Sort.MESSAGE: self._message,
            Sort.AGAIN: self._again,
            Sort.COPY_OF_MESSAGE: self._copy,
            Sort.AUTOMATIC: self._automatic,
            Sort.THANKS: self._thanks,
            Sort.UNPROVEN: self._unproven_mail,
            Sort.PROVEN_LATER: self._proven_later,
            Sort.FORGED: self._forged,
            Sort.FORGED_FIRST: self._forged_first,
            Sort.LOW_RATING: lambda: self._rating(Sort.LOW_RATING, self._dice.randint(1, 3)),
            Sort.GOOD_RATING: lambda: self._rating(Sort.GOOD_RATING, self._dice.randint(4, 5)),
            Sort.CLAIM: self._claim,
            Sort.SAMPLE: self._sample,
            Sort.MALFORMED: self._malformed,
            Sort.UNRECOGNISED: self._unrecognised,
            Sort.UNRELATED: self._unrelated,
            Sort.SPAM: self._spam,
        }

    def next(self) -> Posting:
        """The next mail of the story."""
        if self._ambushed and self._dice.random() < 0.4:
            return self._settled(self._ambushed.pop(0))
        sort = self._dice.choices(list(_SHARES), list(_SHARES.values()))[0]
        if sort in DYNAMIC:
            return replace(self._fresh(sort, Fate.FREE), pick=self._dice.random())
        return self._settled(self._makers[sort]())

    def history(self) -> Posting:
        """A mail that lay there before the program was first started."""
        made = self._about(Sort.HISTORY, self._fresh_conversation(), text=DAMAGED)
        return replace(made, fate=Fate.FREE, delay=timedelta(days=2))

    # Who writes

    def _fresh_conversation(self) -> Conversation:
        """A new matter, mostly of a new buyer."""
        known = self._conversations
        if known and self._dice.random() < 0.2:
            old = self._dice.choice(known)
            if old.matter < 9:
                fresh = Conversation(old.buyer, 1 + max(c.matter for c in known if c.buyer == old.buyer))
                if fresh.matter < 10:
                    known.append(fresh)
                    return fresh
        self._buyers += 1
        known.append(Conversation(self._buyers, 0))
        return known[-1]

    def _known_conversation(self) -> Conversation:
        return self._dice.choice(self._conversations) if self._conversations else self._fresh_conversation()

    def _fresh(self, sort: Sort, fate: Fate) -> Posting:
        self._count += 1
        mark = f"A0SOAK{self._count:09d}"
        return Posting(mark, mark, sort, fate, message_id=f"{mark}@eu-west-1.example")

    def _settled(self, made: Posting) -> Posting:
        """Where it lies, whether somebody read it, and when it comes."""
        folder = "Junk" if made.folder == "INBOX" and self._dice.random() < 0.08 else made.folder
        mailbox = MAILBOXES[self._dice.random() < 0.25]
        late = self._dice.random() < _NEVER_ON_TIME
        delay = timedelta(minutes=self._dice.randint(20, 3000)) if late else timedelta(0)
        return replace(made, folder=folder, mailbox=mailbox, seen=self._dice.random() < 0.2, delay=delay)

    def _about(self, sort: Sort, whose: Conversation, **changes: object) -> Posting:
        made = self._fresh(sort, Fate.STORED)
        mail = whose.mail(**({"key": made.mark, "text": self._dice.choice(_TEXTS)} | changes))
        return replace(made, content=_tagged(mail.build(), made.tag), conversation=whose)

    # Buyers

    def _message(self) -> Posting:
        return self._genuine_mail(self._about(Sort.MESSAGE, self._fresh_conversation()))

    def _again(self) -> Posting:
        return self._genuine_mail(self._about(Sort.AGAIN, self._known_conversation()))

    def _genuine_mail(self, made: Posting) -> Posting:
        made = replace(made, may_be_acknowledged=True)
        self._genuine.append(made)
        return made

    def _copy(self) -> Posting:
        """One message mailed to several addresses, or moved, or out of a backup: the name may be another."""
        if not self._genuine:
            return self._message()
        made = self._dice.choice(self._genuine[-30:])
        if self._dice.random() < 0.5:
            return replace(made, sort=Sort.COPY_OF_MESSAGE)
        self._count += 1
        return replace(
            made, sort=Sort.COPY_OF_MESSAGE, message_id=f"{made.mark}.{self._count}@eu-west-1.example"
        )

    def _automatic(self) -> Posting:
        header = self._dice.choice((("Auto-Submitted", "auto-replied"), ("X-Amazon-Auto-Reply", "yes")))
        return self._about(Sort.AUTOMATIC, self._known_or_fresh(), extra=(header,))

    def _thanks(self) -> Posting:
        return self._about(Sort.THANKS, self._known_or_fresh(), text=_THANKS)

    def _known_or_fresh(self) -> Conversation:
        return self._known_conversation() if self._dice.random() < 0.5 else self._fresh_conversation()

    def _unproven_mail(self) -> Posting:
        made = self._about(Sort.UNPROVEN, self._known_or_fresh(), proof="none")
        self._unproven.append(made)
        return made

    def _proven_later(self) -> Posting:
        """The same mail once more, this time with its proof."""
        if not self._unproven:
            return self._unproven_mail()
        old = self._unproven.pop(self._dice.randrange(len(self._unproven)))
        plain = old.content.partition(b"\r\n")[2]
        proof = "".join(f"{name}: {value}\r\n" for name, value in proof_headers("pass", _DOMAIN)).encode()
        content = _tagged(proof + plain, old.tag)
        made = replace(old, sort=Sort.PROVEN_LATER, content=content, may_be_acknowledged=True)
        self._genuine.append(made)
        return made

    # Forgers

    def _forged(self) -> Posting:
        made = self._about(Sort.FORGED, self._known_or_fresh(), proof="fail")
        return replace(made, fate=Fate.QUARANTINED)

    def _forged_first(self) -> Posting:
        """It bears the key, perhaps the name too, of a genuine message that is still to come."""
        genuine = self._message()
        assert genuine.conversation is not None
        self._ambushed.append(genuine)
        self._genuine.remove(genuine)
        made = self._about(Sort.FORGED_FIRST, genuine.conversation, proof="fail", key=genuine.mark)
        if self._dice.random() < 0.5:
            return replace(made, fate=Fate.NO_CASE, message_id=genuine.message_id)
        return replace(made, fate=Fate.QUARANTINED)

    def _spam(self) -> Posting:
        """A notice in Amazon's name that Amazon did not send."""
        made = self._fresh(Sort.SPAM, Fate.QUARANTINED)
        number = self._known_or_fresh().number
        rating = feedback(number, rating=1).partition(b"From:")
        failed = "".join(f"{name}: {value}\r\n" for name, value in proof_headers("fail", "amazon.com"))
        return replace(made, content=_tagged(failed.encode() + b"From:" + rating[2], made.tag))

    # Amazon

    def _rating(self, sort: Sort, rating: int) -> Posting:
        low = sort is Sort.LOW_RATING
        made = self._fresh(sort, Fate.STORED if low else Fate.FREE)
        whose = self._known_or_fresh()
        comment = f"評価のことば {made.mark}"
        return replace(made, content=_tagged(feedback(whose.number, rating, comment), made.tag))

    def _claim(self) -> Posting:
        made = self._fresh(Sort.CLAIM, Fate.STORED)
        return replace(made, content=_tagged(claim(self._known_or_fresh().number), made.tag))

    def _sample(self) -> Posting:
        made = self._fresh(Sort.SAMPLE, Fate.FREE)
        name = self._dice.choice(("refund-ja", "order-notice-ja", "return-request-ja", "cancel-ja"))
        return replace(
            made, content=_tagged(sample(name).replace(b"\r\n", b"\n").replace(b"\n", b"\r\n"), made.tag)
        )

    def _unrecognised(self) -> Posting:
        made = self._fresh(Sort.UNRECOGNISED, Fate.QUARANTINED)
        kind = f"A_NEW_KIND_{self._dice.randint(1, 4)}"
        body = f"<p>お知らせ {made.mark}</p>"
        content = notice("お知らせ", body, kind=kind, sender="donotreply@marketplace.amazon.co.jp")
        return replace(made, content=_tagged(content, made.tag))

    # Others

    def _unrelated(self) -> Posting:
        made = self._fresh(Sort.UNRELATED, Fate.NOWHERE)
        return replace(made, content=ordinary_mail(made.tag))

    def _malformed(self) -> Posting:
        """A buyer's message that was damaged on its way; who it is from can still be read."""
        made = self._about(Sort.MALFORMED, self._fresh_conversation())
        head, blank, body = made.content.partition(b"\r\n\r\n")
        damage = self._dice.choice((_cut, _strange_charset, _nul, _raw_bytes, _no_boundary))
        broken = damage(body, self._dice)
        return replace(made, content=head + blank + broken, fate=Fate.KEPT, may_be_acknowledged=True)


_DOMAIN = "marketplace.amazon.co.jp"


def _tagged(content: bytes, tag: str) -> bytes:
    """The mail with the header that tells it from every other."""
    return f"{TAG}: {tag}\r\n".encode() + content


def _cut(body: bytes, dice: Random) -> bytes:
    return body[: dice.randint(0, len(body) - 1)]


def _strange_charset(body: bytes, _dice: Random) -> bytes:
    return body.replace(b'charset="utf-8"', b'charset="x-nobody-knows"')


def _nul(body: bytes, dice: Random) -> bytes:
    at = dice.randint(0, len(body) - 1)
    return body[:at] + b"\x01\x02\x7f" + body[at:]


def _raw_bytes(body: bytes, dice: Random) -> bytes:
    at = dice.randint(0, len(body) - 1)
    return body[:at] + bytes(dice.randint(128, 255) for _ in range(20)) + body[at:]


def _no_boundary(body: bytes, _dice: Random) -> bytes:
    return body.replace(b"--alt", b"--tla")


def answer_of(whose: str, mark: str) -> bytes:
    """A mail that the owner wrote to a buyer in another mail program."""
    return answer_mail(whose, f"お問い合わせの件、確認いたしました。{mark}")


def ordinary_mail(tag: str) -> bytes:
    """A mail that is none of the program's business."""
    return _tagged(ordinary("friend@example.org", "打ち合わせ", f"来週の打ち合わせの件です。{tag}"), tag)
