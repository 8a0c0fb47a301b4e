"""The demonstration's clock, its schedule, its lines and its own checks."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from io import StringIO

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from daemon.demo import checking, story
from daemon.demo.chat import running_chat
from daemon.demo.checking import Came, Ran, Record
from daemon.demo.clock import DemoClock
from daemon.demo.director import TICK, _ticks
from daemon.demo.events import Arrives, Remarks, Runs, Taps
from daemon.demo.letters import LaidDraft, Letter, Writer, open_draft, open_letter
from daemon.demo.mails import JAPAN
from daemon.demo.narrator import WIDTH, Narrator
from daemon.demo.postbox import _on_the_wire
from daemon.demo.premises import OWNER_ADDRESS
from daemon.demo.servers import Handed
from daemon.demo.story import SEND
from daemon.demo.terminal import Printed
from daemon.demo.words import OUTCOMES, Line
from daemon.demo.wrapping import shorten, wrap
from daemon.outside.webhook import WebhookSubmission
from daemon.ports import Verdict
from daemon.reading.arrivals import Outcome, Taken

NOON = datetime(2026, 11, 20, 12, 0, tzinfo=story.TOKYO)


def test_time_flows_once_it_is_let(monkeypatch):
    """Until then it stands; afterwards a second is a second."""
    monkeypatch.setattr("time.monotonic", lambda: 100.0)
    clock = DemoClock(NOON)
    assert clock.now() == NOON
    clock.flow()
    monkeypatch.setattr("time.monotonic", lambda: 103.5)
    assert clock.now() == NOON + timedelta(seconds=3.5)


def test_the_clock_stands_until_it_is_moved():
    """It shows UTC whatever zone it was set in."""
    clock = DemoClock(NOON)
    assert clock.now() == clock.now() == NOON
    clock.move_to(NOON + timedelta(hours=1))
    assert clock.now() == datetime(2026, 11, 20, 4, 0, tzinfo=UTC)
    assert clock.now().tzinfo is UTC


def test_the_clock_does_not_go_back():
    """Nor does it start without a zone."""
    with pytest.raises(ValueError, match="back"):
        DemoClock(NOON).move_to(NOON - timedelta(seconds=1))
    with pytest.raises(ValueError, match="zone"):
        DemoClock(NOON.replace(tzinfo=None))


def test_ticks_meet_every_alert_time():
    """On the way the clock stops on even minutes, and at last where it was sent."""
    ticks = list(_ticks(NOON + timedelta(minutes=3), NOON + timedelta(minutes=17)))
    assert [at.minute for at in ticks] == [5, 10, 15, 17]
    assert list(_ticks(NOON, NOON)) == [NOON]
    assert timedelta(hours=1) % TICK == timedelta(0)


def test_the_story_is_in_order():
    """Nothing happens before what stands above it, all of it between start and end."""
    times = [event.at for event in story.EVENTS]
    assert times == sorted(times)
    assert times[0] > story.START
    assert times[-1] < story.END
    assert all(alert.earliest <= alert.latest <= story.END for alert in story.ALERTS)


@given(st.text(alphabet=st.sampled_from("abc 、。あ漢（「│┃-1"), max_size=200), st.integers(12, 60))
def test_lines_fit_and_lose_nothing(text, width):
    """No line is too wide, and but for blanks and the bars of quotations everything is there."""
    lines = wrap(text, width)
    assert all(cell_len(line) <= width for line in lines)
    bare = str.maketrans("", "", " │┃")
    assert "".join(lines).translate(bare) == text.translate(bare)


def test_lines_break_where_japanese_may():
    """A closing sign never begins a line, a word of plain letters stays whole, a quotation keeps its bar."""
    assert wrap("あいうえおか。きく", 14) == ["あいうえおか。", "きく"]
    assert wrap("sokuresu quarantine", 12) == ["sokuresu", "quarantine"]
    assert wrap("(say it once)」", 14) == ["(say it", "once)」"]
    assert wrap("あいうえ「かき」", 12) == ["あいうえ", "「かき」"]
    assert wrap("┃ あいうえおかき", 12) == ["┃ あいうえ", "┃ おかき"]
    assert wrap("│ あいうえおかき", 12) == ["│ あいうえ", "│ おかき"]


def test_long_subjects_keep_both_ends():
    """The order's number stands at the end."""
    subject = f"件名 Amazonのカスタマー 山本 美咲 様から{'お' * 40}(注文: 250-1834207-5562913)"
    short = shorten(subject, 60)
    assert cell_len(short) <= 60
    assert short.endswith("(注文: 250-1834207-5562913)")
    assert shorten("短い", 60) == "短い"


def test_a_table_fits_a_narrow_page():
    """Columns that may be missed are left out, one after the other, until it does."""
    page = StringIO()
    narrator = Narrator(page)
    narrator._console.width = 22
    narrator.table(
        ["案件", "届いた", "回答", "名"], [["1", "昨日 09:20", "昨日 10:50", "x"]], ["届いた", "名"]
    )
    assert page.getvalue().split("\n")[0].split() == ["案件", "回答", "名"]
    assert all(cell_len(line) <= 22 for line in page.getvalue().split("\n"))


@pytest.mark.parametrize(
    ("name", "wire"), [("INBOX", '"INBOX"'), ("送信済み", '"&kAFP4W4IMH8-"'), ("A&B", '"A&-B"')]
)
def test_folder_names_on_the_wire(name, wire):
    """Japanese names travel in IMAP's own form of UTF-7."""
    assert _on_the_wire(name) == wire


def test_every_outcome_has_words():
    """The narrator is never at a loss."""
    assert set(OUTCOMES) == set(Outcome)


def test_the_narrator_keeps_to_the_width():
    """Whatever is told, no line is wider than the page."""
    page = StringIO()
    narrator = Narrator(page)
    narrator.arrives(NOON, Line("あ" * 80, "b " * 80), "件名" * 60, "words [bold]not markup[/bold] " * 9)
    narrator.taken(Taken(Outcome.OPENED, 3, "relayed"), "a reason " * 20)
    narrator.letter(letter("x@shop.example", "本文" * 90, Writer.ALERT), Line("送る", "sent"), "red")
    lines = page.getvalue().split("\n")
    assert all(cell_len(line) <= WIDTH for line in lines)
    assert "[bold]not markup[/bold]" in page.getvalue()


def test_a_letter_is_opened():
    """Who wrote it is told by the header that robots set."""
    content = "From: a@b.example\r\nSubject: s\r\nMessage-ID: <1@b.example>\r\n{}\r\ntext\r\n"
    robot = open_letter(
        Handed("c@d.example", content.format("Auto-Submitted: auto-replied\r\n").encode()), NOON
    )
    person = open_letter(Handed("c@d.example", content.format("").encode()), NOON)
    approved = open_letter(
        Handed("c@d.example", content.format("X-Sokuresu-Outbox: 1@b.example\r\n").encode()), NOON
    )
    assert (robot.writer, person.writer) == (Writer.ACKNOWLEDGMENT, Writer.PERSON)
    assert approved.writer is Writer.APPROVED
    assert (robot.text, robot.message_id, robot.at) == ("text", "<1@b.example>", NOON)


@pytest.mark.parametrize(
    ("header", "passes"),
    [("X-Sokuresu-Draft: t", False), ("X-Sokuresu-Outbox: 1@b.example", True), ("Message-ID: <1@b>", True)],
)
def test_a_draft_is_opened(header, passes):
    """It must not pass for a mail that the service sent."""
    draft = open_draft(f"To: c@d.example\r\nSubject: s\r\n{header}\r\n\r\ntext\r\n".encode())
    assert draft == LaidDraft("c@d.example", "s", "text", passes)


def letter(recipient, text, writer=Writer.ACKNOWLEDGMENT, at=NOON, subject="件名"):
    """A mail that left."""
    return Letter(at, writer, recipient, "shop@shop.example", subject, text, f"<{recipient}>")


def perfect_day():
    """What the checks want to see."""
    arrivals = [
        Came(event, wanted.outcome and Taken(wanted.outcome, 1, wanted.refusal, wanted.acknowledged))
        for event in story.EVENTS
        if isinstance(event, Arrives) and (wanted := event.expected)
    ]
    letters = [
        letter(
            buyer.alias,
            f"{buyer.name} {'様' if buyer.site is JAPAN else ''} {buyer.order} "
            f"{'電話' if buyer in story.CLOSED_DAY_BUYERS else ''}",
        )
        for buyer in story.ACKNOWLEDGED_BUYERS
    ] + [
        letter(
            OWNER_ADDRESS,
            " ".join(alert.lists),
            Writer.ALERT,
            alert.latest,
            "至急" if alert.urgent else "件名",
        )
        for alert in story.ALERTS
    ]
    placed = [
        LaidDraft(buyer.alias, f"件名{number}", own_words(buyer) or "下書き", passes_for_ours=False)
        for number, buyer in enumerate(story.DRAFTED_BUYERS)
    ]
    approved = [
        letter(buyer.alias, words or "下書き", Writer.APPROVED) for buyer, words in story.APPROVED_ANSWERS
    ]
    commands = [event for event in story.EVENTS if isinstance(event, Taps | Remarks)]
    reports = [
        letter(OWNER_ADDRESS, link(TOKEN[number:]), Writer.REPORT, subject=event.reported)
        for number, event in enumerate(commands)
    ]
    taken_out = placed[: -len(story.STILL_DRAFTED)]
    posts = ["[即レス] まい商店"] * len(story.ALERTS)
    runs = [
        Ran(event, Printed(0, " ".join(event.shows))) for event in story.EVENTS if isinstance(event, Runs)
    ]
    return Record(arrivals, [*letters, *approved, *reports], placed, taken_out, posts, commands, runs)


TOKEN = "abcdefghijklmnopqrstuvwxyz234567"


def own_words(buyer):
    """What the owner wrote to a buyer, if the draft's words were not enough."""
    return next((words for one, words in story.APPROVED_ANSWERS if one is buyer), None)


def link(token):
    """A command as it stands in a mail to the owner."""
    return f"▶ {SEND}\nmailto:shop@shop.example?subject=%5Bsokuresu%3A{token[:26]}%5D%20%E6%A1%88%E4%BB%B63"


def faults(record, kept=None):
    """What the checks that need no database say."""
    checks = (
        checking._check_arrivals,
        checking._check_acknowledgments,
        checking._check_alerts,
        checking._check_drafts,
        checking._check_approved,
        checking._check_reports,
        checking._check_posts,
        checking._check_runs,
    )
    told = [fault for check in checks for fault in check(record)]
    return [*told, *checking._check_secrecy(record, kept or {})]


def test_a_perfect_day_has_no_fault():
    """The checks are content with what the story expects."""
    assert faults(perfect_day()) == []


def change(number, **changes):
    """Change one of the letters."""

    def spoil(record):
        record.letters[number] = replace(record.letters[number], **changes)

    return spoil


def redraft(**changes):
    """Change what lay in the Drafts folder first."""

    def spoil(record):
        record.placed[0] = replace(record.placed[0], **changes)

    return spoil


def rerun(record, printed):
    """The first command, with another outcome."""
    record.runs[0] = Ran(record.runs[0].event, printed)


APPROVED = len(story.ACKNOWLEDGED_BUYERS) + len(story.ALERTS)
"""Where the approved answers stand among the letters of a perfect day."""


@pytest.mark.parametrize(
    ("spoil", "told"),
    [
        (lambda record: record.arrivals.pop(), "did not arrive"),
        (lambda record: record.arrivals.__setitem__(2, replace(record.arrivals[2], taken=None)), "expected"),
        (lambda record: record.letters.pop(0), "not acknowledged"),
        (lambda record: record.letters.insert(0, record.letters[0]), "too often"),
        (lambda record: record.letters.append(letter(story.TAKAHASHI.alias, "")), "wrongly"),
        (change(0, text="様"), "does not name the buyer"),
        (change(0, text=f"{story.YAMAMOTO.name} {story.YAMAMOTO.order}"), "wrong language"),
        (change(5, text=f"{story.KOBAYASHI.name} 様 {story.KOBAYASHI.order}"), "telephone"),
        (lambda record: record.letters.pop(APPROVED - 1), "expected one alert, got 0"),
        (change(APPROVED - 1, recipient="x@shop.example"), "somebody else"),
        (change(APPROVED - 2, text=""), "does not list"),
        (change(6, text=f"{story.KIMURA.order} {story.MORI.order} {story.YAMAMOTO.order}"), "lists 250-"),
        (change(9, subject="件名"), "urgency"),
        (lambda record: record.placed.pop(0), "put into the Drafts folder"),
        (lambda record: record.placed.append(record.placed[0]), "put into the Drafts folder"),
        (lambda record: record.taken_out.pop(), "in the Drafts folder at the end"),
        (lambda record: record.taken_out.append(record.placed[-1]), "in the Drafts folder at the end"),
        (redraft(passes_for_ours=True), "would pass for a mail of ours"),
        (redraft(text="〔日付〕までに"), "with blanks"),
        (change(APPROVED, recipient=story.TAKAHASHI.alias), "approved answers went to"),
        (lambda record: record.letters.append(record.letters[APPROVED]), "approved answers went to"),
        (change(APPROVED, text="別の文面"), "not what the owner approved"),
        (change(APPROVED + 1, text="下書き"), "not what the owner approved"),
        (change(APPROVED, text=story.ASKS_FOR_STARS), "speaks of 評価"),
        (change(0, text="星5つをお願いします"), "speaks of 星5つ"),
        (lambda record: record.posts.pop(), f"the chat got {len(story.ALERTS) - 1} posts"),
        (lambda record: record.posts.__setitem__(0, story.KIMURA.name), "the chat was told “木村 健”"),
        (lambda record: record.posts.__setitem__(0, story.CRUSHED), "the chat was told “本日商品"),
        (lambda record: record.posts.__setitem__(0, TOKEN[:26]), "kept in the chat"),
        (lambda record: record.commands.pop(), "the owner mailed 5 times"),
        (lambda record: record.runs.pop(), "the owner ran"),
        (lambda record: rerun(record, Printed(1, "gone")), "import orders ended with 1: gone"),
        (lambda record: rerun(record, Printed(0, "")), "import orders does not say"),
        (lambda record: record.letters.pop(), "the owner was answered 5 times"),
        (change(-1, subject="【即レス】送信の確認"), "the owner was told"),
        (change(-1, recipient="x@shop.example"), "the owner was told"),
        (change(-1, text=link(TOKEN)), "given twice"),
        (change(-1, text=link("1")), "is missing"),
    ],
)
def test_what_is_wrong_is_told(spoil, told):
    """A demonstration that always says yes shows nothing."""
    record = perfect_day()
    spoil(record)
    assert any(told in fault for fault in faults(record)), faults(record)


def test_a_token_that_is_kept_is_told():
    """The log and the database know no more of it than its digest."""
    assert any(
        "kept in sokuresu.log" in fault
        for fault in faults(perfect_day(), {"sokuresu.log": f"… {TOKEN[:26]} …".encode()})
    )


def test_the_chat_takes_what_the_service_posts():
    """In order, each once."""
    with running_chat() as chat:
        webhook = WebhookSubmission(chat.url)
        for text in ("未回答1件", "未回答2件"):
            attempt = webhook.send(sender="", recipient="", content=text.encode())
            assert attempt.verdict is Verdict.ACCEPTED
        assert chat.collect() == ["未回答1件", "未回答2件"]
        assert chat.collect() == []
