"""What a round costs in which nothing is new, and that nothing is missed by asking from outside."""

from __future__ import annotations

from datetime import timedelta

from daemon.errors import MailboxUnavailable
from tests.beds.post import buyer


def asked(floor):
    """The calls of one round, without their arguments where they do not matter."""
    floor.inbox.calls.clear()
    floor.read()
    return [(method, argument) for method, argument in floor.inbox.calls if method in {"open", "status"}]


def test_an_idle_round_opens_the_inbox_alone(floor):
    """Opening a large folder costs the server time that grows with it, so the inbox stays open."""
    floor.read()
    assert asked(floor) == [("open", "INBOX"), ("status", "Junk"), ("status", "Sent"), ("open", "INBOX")]


def test_news_in_another_folder_is_read(floor):
    """Mail that lands in the junk folder is seen from outside and read."""
    floor.read()
    floor.receive(buyer(1), folder="Junk")
    (taken,) = floor.read()
    assert taken.outcome == "opened"
    assert ("open", "Junk") not in asked(floor)


def test_a_renumbered_folder_is_opened(floor):
    """The same number of mails under another UIDVALIDITY is another folder."""
    floor.read()
    floor.inbox.renumber("Junk", uidvalidity=7)
    assert ("open", "Junk") in asked(floor)


def test_every_folder_is_opened_now_and_then(floor):
    """A server that tells nothing new from outside is not believed for ever."""
    floor.read()
    floor.clock.advance(timedelta(minutes=11))
    assert ("open", "Sent") in asked(floor)
    assert ("open", "Sent") not in asked(floor)


def test_a_folder_whose_reading_broke_off_is_opened_again(floor):
    """Only a folder that was read to its end may be left closed."""
    floor.read()
    floor.receive(buyer(1), folder="Junk")
    floor.inbox.fail("bodies")
    try:
        floor.read()
    except MailboxUnavailable:
        floor.inbox.cut_connections()
    (taken,) = floor.read()
    assert taken.outcome == "opened"
