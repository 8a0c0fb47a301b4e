"""What a person decides about a mail in quarantine: it counts, it is read anew, or nothing is done about it.

Each decision works inside the caller's transaction.
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

from daemon.errors import SokuresuError
from daemon.ports import FolderRole
from daemon.reading.arrivals import Arrival, Outcome, Taken
from daemon.reading.intake import take_accepted, take_again
from daemon.reading.sent_watch import take_sent
from parsers.reading import read
from parsers.sent import read_sent
from parsers.values import Kind
from state.deadlines import received_at
from state.engine import DATABASE_TROUBLE
from state.model import Place

if TYPE_CHECKING:
    from collections.abc import Iterator

    from daemon.shop import Account, Shop
    from daemon.work import Work
    from parsers.values import Reading
    from state.repository.quarantine import Entry


QUARANTINE_FOLDER = "quarantine"
"""The place of a mail that came by way of the quarantine: no server has a UIDVALIDITY of 0."""


class Stays(SokuresuError):  # noqa: N818 - reads as what it is
    """A mail stays in quarantine.

    Attributes:
        word: ``failed`` (it cannot be read), ``forged``, ``unrecognised`` (no rule reads it), ``undelivered``
            (it fits no case), ``known`` (a case has it already) or ``no_case`` (its kind belongs into none).
    """

    def __init__(self, word: str, sentence: str) -> None:
        super().__init__(sentence)
        self.word = word


def find_quarantined(work: Work, entry_id: int) -> Entry:
    """A mail that waits in quarantine, to be read before anybody decides on it.

    Raises:
        SokuresuError: there is no such mail.
    """
    return _entry(work, entry_id)


def read_quarantined(shop: Shop, entry: Entry) -> Arrival:
    """Read a mail of the quarantine; DNS may be asked, so no transaction may be open.

    Raises:
        Stays: reading it still fails.
        SokuresuError: its mailbox is not configured any more.
    """
    account = _account(shop, entry)
    with _told_as_staying(entry):
        return _arrival(entry, account)


def accept_quarantined(work: Work, entry_id: int, arrival: Arrival | None = None) -> int:
    """A person believes a mail that looked forged: it becomes a case that is never acknowledged.

    Args:
        work: the transaction.
        entry_id: the mail.
        arrival: what `read_quarantined` read; without it the mail is read here and no DNS is asked.

    Returns:
        The number of the case.

    Raises:
        Stays: it is none that belongs into a case, or reading it still fails.
        SokuresuError: there is no such mail, or its mailbox is not configured any more.
    """
    entry = _entry(work, entry_id)
    account = _account(work.shop, entry)
    with _told_as_staying(entry):
        taken = take_accepted(arrival or _arrival(entry, _without_dns(account)), work)
    if taken.case_id is None:
        raise _no_case(entry, taken)
    work.uow.quarantine.settle(entry_id, "accepted", work.now)
    work.uow.events.note(taken.case_id, "accepted", work.now, f"quarantine {entry_id}")
    return taken.case_id


def _no_case(entry: Entry, taken: Taken) -> Stays:
    if taken.outcome is Outcome.ALREADY_KNOWN:
        word, ja, en = "known", "同じメッセージの案件がすでにあります", "a case has the same message already"
    else:
        word, ja, en = (
            "no_case",
            "案件になる種類のメールとして読めません",
            "it cannot be read as a mail that belongs into a case",
        )
    return Stays(
        word,
        f"保留 {entry.id}: {ja}。sokuresu quarantine show {entry.id} で内容を確かめてください。"
        f" / Quarantine {entry.id}: {en}; look at it with sokuresu quarantine show {entry.id}.",
    )


def drop_quarantined(work: Work, entry_id: int) -> None:
    """A person has seen a quarantined mail and wants nothing done about it.

    Raises:
        SokuresuError: there is no such mail.
    """
    _entry(work, entry_id)
    work.uow.quarantine.settle(entry_id, "dropped", work.now)


def retry_quarantined(work: Work, entry_id: int, arrival: Arrival | None = None) -> Taken:
    """Take a quarantined mail in, as this version of the program and of the configuration reads it.

    Args:
        work: the transaction.
        entry_id: the mail.
        arrival: what `read_quarantined` read; without it the mail is read here and no DNS is asked.

    Raises:
        Stays: it stays; the sentence says why.
        SokuresuError: there is no such mail, or its mailbox is not configured any more.
    """
    entry = _entry(work, entry_id)
    account = _account(work.shop, entry)
    with _told_as_staying(entry):
        arrival = arrival or _arrival(entry, _without_dns(account))
        taken = _take_own_answer(arrival, account, work) or take_again(arrival, work)
    if taken.outcome is Outcome.QUARANTINED:
        raise _stays(entry, arrival.reading)
    work.uow.quarantine.settle(entry_id, f"retried: {taken.outcome}", work.now)
    return taken


def _take_own_answer(arrival: Arrival, account: Account, work: Work) -> Taken | None:
    """A mail of the Sent folder answers its case; None if this is none."""
    envelope = arrival.reading.envelope
    if arrival.reading.kind is not Kind.UNRELATED or envelope.from_address != account.address.lower():
        return None
    mail = read_sent(arrival.content)
    if not mail.aliases:
        return None
    take_sent(work, mail, at=received_at(envelope.date, arrival.internal_date))
    return Taken(Outcome.COUNTED)


@contextmanager
def _told_as_staying(entry: Entry) -> Iterator[None]:
    """The very mails that our own reading fails on lie in quarantine, so it may fail again."""
    try:
        yield
    except DATABASE_TROUBLE:
        raise
    except Exception as error:
        name = type(error).__name__
        raise Stays(
            "failed",
            f"保留 {entry.id}: まだ読み取れません ({name})。sokuresu quarantine export で取り出せます。"
            f" / Quarantine {entry.id} stays: reading it still fails ({name}); it can be exported.",
        ) from error


def _stays(entry: Entry, reading: Reading) -> Stays:
    if reading.kind is Kind.DELIVERY_FAILURE:
        word, ja, en = "undelivered", "どの案件のものか分かりません", "no case of ours fits it"
    elif reading.kind is Kind.UNRECOGNISED_AMAZON:
        word, ja, en = (
            "unrecognised",
            "まだ読み取れる規則がありません",
            "there is still no rule that reads it",
        )
    else:
        word = "forged"
        ja = f"なりすましの疑いが残ります。本物なら sokuresu quarantine accept {entry.id}"
        en = (
            f"it still looks forged ({reading.authenticity_reason}); if you know that it is genuine:"
            f" sokuresu quarantine accept {entry.id}"
        )
    return Stays(word, f"保留 {entry.id}: {ja} / Quarantine {entry.id} stays: {en}")


def _entry(work: Work, entry_id: int) -> Entry:
    entry = work.uow.quarantine.get(entry_id)
    if entry is None:
        raise SokuresuError(
            f"保留 {entry_id} はありません。一覧: sokuresu quarantine"
            f" / There is no unsettled mail {entry_id} in quarantine; list them with: sokuresu quarantine"
        )
    return entry


def _account(shop: Shop, entry: Entry) -> Account:
    account = shop.accounts.get(entry.mailbox)
    if account is None:
        raise SokuresuError(
            f"メールボックス {entry.mailbox} は設定にありません。"
            f" / The mailbox {entry.mailbox} is not in the configuration any more."
        )
    return account


def _without_dns(account: Account) -> Account:
    """While a transaction is open nobody waits for name servers."""
    return replace(account, trust=replace(account.trust, keys=None))


def _arrival(entry: Entry, account: Account) -> Arrival:
    return Arrival(
        place=Place(entry.mailbox, QUARANTINE_FOLDER, 0, entry.id),
        role=FolderRole.INBOX,
        internal_date=entry.internal_date,
        content=entry.content,
        reading=read(entry.content, account.trust, entry.internal_date),
    )
