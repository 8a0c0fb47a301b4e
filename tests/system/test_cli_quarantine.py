"""Mail that was put aside, many at once: listed by shape, read again, settled and taken out."""

from __future__ import annotations

import stat
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import pytest

from daemon import quarantined_mail
from daemon.cli import access, quarantine_decisions
from state.repository.quarantine import Entry
from tests.unit.parsers.mails import BuyerMail, notice

HOSTILE = "\x1b[31m書式\x1b[0m\x9b2J\u202e[red]x[/red]"
FIRST = datetime(2026, 11, 17, 1, 30, tzinfo=UTC)
SHAPE = "0123456789abcdef"


def put_aside(shop, number: int, *, word="unrecognised", fingerprint=SHAPE, content=None, **values) -> int:
    """One more mail in quarantine, without a mail server."""
    default = notice(f"新しいお知らせ {number}", "<p>250-1111111-2222222</p>", kind="NEVER_SEEN")
    entry = Entry(
        word=word,
        reason="no rule reads this mail from Amazon",
        fingerprint=fingerprint,
        mailbox="main",
        folder="INBOX",
        sender="donotreply@amazon.com",
        subject=values.pop("subject", f"{HOSTILE} {number}"),
        internal_date=FIRST + timedelta(hours=number),
        stored_at=FIRST + timedelta(hours=number),
        content=content or default,
    )
    database = shop.database()
    with database.write() as uow:
        added = uow.quarantine.add(entry)
        uow.commit()
    database.close()
    return added


def genuine(number: int) -> bytes:
    """A buyer's message that an earlier version could not read."""
    return (
        BuyerMail(
            local=f"buyer{number:09d}",
            key=f"A0KEY{number:015d}",
            case=f"0f3b21c9-3fc2-4b43-8b26-{number:012d}",
        )
        .build()
        .replace(b"0106-000000@", f"{number}-000000@".encode())
    )


@pytest.fixture
def crowded(shop):
    """Three mails of one shape, one of another, one that failed and can be read by now."""
    for number in (1, 2, 3):
        put_aside(shop, number)
    put_aside(shop, 4, fingerprint="fedcba9876543210")
    put_aside(shop, 5, word="failed", fingerprint=None, content=genuine(5))
    return shop


def test_what_no_rule_reads_is_counted_by_its_shape(crowded):
    """With first and last, an example's harmless subject, and the suspicion from three on."""
    listed = crowded.call("quarantine").stdout
    (row,) = [line for line in listed.splitlines() if line.startswith(SHAPE)]
    assert "3 ※" in row
    assert row.endswith("[red]x[/red] 3")
    assert "Amazonのメールの書式が変わった可能性があります" in listed
    assert not set(listed) & set("\x1b\x9b\u202e")
    by_number = {one["quarantine"]: one for one in crowded.json("quarantine")}
    shape = by_number[1]["format"]
    assert (shape["seen"], shape["waiting"], shape["may_have_changed"]) == (3, 3, True)
    assert (shape["first_at"], shape["last_at"]) == ("2026-11-17T02:30:00Z", "2026-11-17T04:30:00Z")
    assert not by_number[4]["format"]["may_have_changed"]
    assert by_number[5]["format"] is None


def test_settled_mails_of_a_shape_are_still_counted(crowded):
    """Clearing the list away does not hide that the format changed; a shape without waiting mail is gone."""
    assert crowded.call("quarantine", "drop", "1", "2").exit_code == 0
    crowded.configure(language="en")
    shape = crowded.json("quarantine")[0]["format"]
    assert (shape["seen"], shape["waiting"]) == (3, 1)
    assert "The format may have changed" in crowded.call("quarantine").stdout
    assert crowded.call("quarantine", "drop", "--fingerprint", SHAPE).exit_code == 0
    assert [one["quarantine"] for one in crowded.json("quarantine")] == [4, 5]
    assert "The format may have changed" not in crowded.call("quarantine").stdout


def test_dropping_is_all_or_none(crowded):
    """A mistyped number settles nothing."""
    result = crowded.call("quarantine", "drop", "1", "99", "2")
    assert (result.exit_code, "99" in result.stderr) == (1, True)
    assert len(crowded.json("quarantine")) == 5


def test_everything_is_read_again_and_what_stays_is_told(crowded):
    """After an update one command does; what no rule reads yet is no failure of the command."""
    result = crowded.call("quarantine", "retry", "--all")
    assert (result.exit_code, "5通のうち1通" in result.stdout) == (0, True)
    assert "保留 5 は案件 1" in result.stdout
    assert result.stderr.count("still no rule") == 4
    assert [one["quarantine"] for one in crowded.json("quarantine")] == [1, 2, 3, 4]
    assert crowded.call("quarantine", "retry", "--fingerprint", SHAPE).stderr.count("no rule") == 3
    assert crowded.call("quarantine", "retry", "1", "4").exit_code == 1


def test_several_mails_are_accepted_and_each_failure_is_told(shop):
    """One that belongs into no case does not keep the others from becoming cases."""
    for number in (1, 2):
        put_aside(shop, number, word="forged", fingerprint=None, content=genuine(number))
    put_aside(shop, 3)
    result = shop.call("quarantine", "accept", "1", "3", "2")
    assert result.exit_code == 1
    assert "案件 1" in result.stdout
    assert "案件 2" in result.stdout
    assert "Quarantine 3" in result.stderr
    assert [one["quarantine"] for one in shop.json("quarantine")] == [3]


@pytest.mark.parametrize(
    "arguments",
    [["retry"], ["retry", "1", "--all"], ["drop"], ["drop", "1", "--fingerprint", "x"], ["accept"],
     ["export"], ["export", "1"], ["export", "1", "--all", "x"], ["retry", "0"]],
)  # fmt: skip
def test_what_is_not_clear_is_a_usage_error(crowded, arguments):
    """Nothing is done by guessing."""
    assert crowded.call("quarantine", *arguments).exit_code == 2
    assert len(crowded.json("quarantine")) == 5


def test_an_unknown_shape_is_told(crowded):
    """One sentence with the way to the list."""
    result = crowded.call("quarantine", "retry", "--fingerprint", "\x1b[2Jx")
    assert (result.exit_code, "sokuresu quarantine" in result.stderr) == (1, True)
    assert "\x1b" not in result.stderr


def test_everything_is_exported_into_a_private_folder(crowded):
    """Byte for byte, named by number, readable by its owner alone, and into no folder that was there."""
    target = crowded.folder / "export"
    assert crowded.call("quarantine", "export", "--all", str(target)).exit_code == 0
    assert stat.S_IMODE(target.stat().st_mode) == 0o700
    files = sorted(target.iterdir())
    assert [file.name for file in files] == ["1.eml", "2.eml", "3.eml", "4.eml", "5.eml"]
    assert {stat.S_IMODE(file.stat().st_mode) for file in files} == {0o600}
    assert files[4].read_bytes() == genuine(5)
    again = crowded.call("quarantine", "export", "--all", str(target))
    assert (again.exit_code, "cannot be written" in again.stderr) == (1, True)


def test_retry_and_accept_read_while_nothing_is_locked(crowded, monkeypatch):
    """The service beside them must not wait until name servers have answered."""
    locked, seen = [], []
    honest = quarantined_mail.read

    @contextmanager
    def deciding(settings):
        with access.deciding(settings) as work:
            locked.append(True)
            try:
                yield work
            finally:
                locked.pop()

    def counted(*arguments):
        seen.append(list(locked))
        return honest(*arguments)

    monkeypatch.setattr(quarantine_decisions, "deciding", deciding)
    monkeypatch.setattr(quarantined_mail, "read", counted)
    crowded.call("quarantine", "retry", "1")
    crowded.call("quarantine", "accept", "2")
    assert seen == [[], []]
