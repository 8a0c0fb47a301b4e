"""Reviewing answers on the command line: what is shown, what is asked, and what is never sent by mistake."""

from __future__ import annotations

import json
import os
import pty
import re
import stat
import subprocess
import sys
import tempfile
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest

from daemon.cli import approve, asking, sheet
from daemon.config import load
from parsers.values import Authenticity
from state.drafts import DraftState, FolderCopy, FolderState
from state.engine import open_engine
from state.unit_of_work import Database
from templates import tables
from templates.drafting import DraftTemplates, TemplateFault
from tests.system.shop_under_test import ROOT, ShopUnderTest, mail, now, to_buyers
from tests.unit.parsers.mails import ORDER, BuyerMail

if TYPE_CHECKING:
    from click.testing import Result

WRONG = "赤を注文したのに、\x1b[31m青い\x1b[0m別の商品が届きました。"
OWN = '[drafts]\nfulfilment = "own"\n'
SHORT = "確認いたしました。本日中にご連絡します。"
WAIT = 60


@pytest.fixture
def drafted(shop) -> ShopUnderTest:
    """The shop that ships itself, after a message whose draft may go as it is."""
    shop.configure(extra=OWN)
    shop.call("once")
    receive(shop, WRONG)
    return shop


@pytest.fixture
def unknown(shop) -> ShopUnderTest:
    """The same where nobody knows who ships, so that the draft has blanks."""
    shop.call("once")
    receive(shop, WRONG)
    return shop


@pytest.fixture
def person(monkeypatch) -> None:
    """Somebody sits at the terminal."""
    monkeypatch.setattr(asking, "at_terminal", lambda: True)


@pytest.fixture
def scratch(tmp_path, monkeypatch) -> Path:
    """Where temporary files lie."""
    folder = tmp_path / "scratch"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


def receive(shop: ShopUnderTest, text: str, **changes: object) -> None:
    """Let a message of the buyer come in and be drafted."""
    number = len(json.loads(shop.call("cases", "--all", "--json").stdout or "[]"))
    content = BuyerMail(text=text, name="山田 太郎").but(key=f"A0KEY{number}{len(text):014}", **changes)
    shop.account.deliver(mail(content.build(), message_id=f"{number}.{len(text)}"), at=now())
    assert shop.call("once").exit_code == 0


def database(shop: ShopUnderTest) -> Database:
    """The shop's database beside the commands."""
    return Database(open_engine(load(shop.config).database))


def ask(shop: ShopUnderTest, question):
    """What the database says."""
    with closing(database(shop)) as opened, opened.read() as uow:
        return question(uow)


def approved(shop: ShopUnderTest) -> list:
    """The approved mails of case 1."""
    items = ask(shop, lambda uow: uow.outbox.of_case(1))
    return [item for item in items if item.kind == "approved"]


def events(shop: ShopUnderTest) -> list[tuple[str, str]]:
    """The record of case 1."""
    return [(action, detail) for _, action, detail in ask(shop, lambda uow: uow.events.of_case(1))]


def editor(folder: Path, monkeypatch, lines: str) -> None:
    """Make a program that edits the file, which it calls ``path``, the editor."""
    script = folder / "editor.py"
    head = "import os, stat, sys\nfrom pathlib import Path\npath = Path(sys.argv[-1])\n"
    script.write_text(head + lines, "utf-8")
    monkeypatch.setenv("VISUAL", f"{sys.executable} '{script}'")


def writing(text: str) -> str:
    """The editor's lines that put a text above the cut."""
    above = f"path.write_text({text!r} + '\\n' + old[old.index('-----'):], 'utf-8')\n"
    return "old = path.read_text('utf-8')\n" + above


# What waits


def test_drafts_tells_scripts_what_waits(drafted):
    """The four promised fields first; findings are those of lint."""
    (row,) = drafted.json("drafts")
    assert list(row)[:4] == ["case", "version", "intent", "findings"]
    assert (row["case"], row["version"], row["intent"], row["findings"]) == (1, 1, "wrong_item", [])
    assert (row["ready"], row["sure"], row["fulfilment"], row["language"]) == (True, True, "own", "ja")
    assert (row["source"], ORDER in row["text"]) == ("template", True)
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", row["made_at"])


def test_findings_are_told_as_lint_tells_them(unknown):
    """Rule, severity, words and reason of each blank."""
    (row,) = unknown.json("drafts")
    assert not row["ready"]
    assert {found["rule"] for found in row["findings"]} == {"blank"}
    assert set(row["findings"][0]) == {"rule", "severity", "text", "reason"}


def test_drafts_aligns_japanese(drafted):
    """Every column begins under its heading, two columns for a wide sign."""
    receive(drafted, "届きません。", local="otherbuyer000001", case="x" * 8, order="250-7777777-7777777")
    heading, *rows = drafted.call("drafts").stdout.splitlines()[:3]
    assert re.split(r"\s{2,}", heading) == ["案件", "版", "内容", "発送", "購入者", "状態", "店の期限"]
    begins = [tables._width(heading[: found.start()]) for found in re.finditer(r"(?<=\s\s)\S", heading)]
    for row in rows:
        cells = {tables._width(row[: found.start()]) for found in re.finditer(r"(?<=\s\s)\S", row)}
        assert set(begins) == cells, (heading, row)
    assert "このまま送れます" in rows[0] + rows[1]
    assert "自社発送" in rows[0]


def test_drafts_says_what_is_missing_in_the_shops_language(unknown):
    """Blanks are counted apart from what has to be mended; an empty list is a sentence."""
    assert re.search(r"違う商品 +不明 +山田 太郎 +空欄あり\(\d\)", unknown.call("drafts").stdout)
    unknown.configure(language="en")
    assert re.search(r"wrong item +unknown +山田 太郎 +blanks\(\d\)", unknown.call("drafts").stdout)
    unknown.call("discard", "1", "--yes")
    assert unknown.call("drafts").stdout.strip() == "No draft waits."
    unknown.configure()
    assert unknown.call("drafts").stdout.strip() == "承認を待つ下書きはありません。"


def test_a_draft_shows_all_that_a_person_needs(drafted):
    """The conversation, the facts, the advice, the text, the checks and the next commands, all harmless."""
    result = drafted.call("draft", "1")
    assert result.exit_code == 0
    wanted = (
        "案件 1 の下書き v1: 承認待ち — このまま送れます", "青い", "受付確認: 送信済み", "発送: 自社発送",
        f"注文: {ORDER}", "購入日: 不明", "内容: 違う商品", "この購入者の前の案件: なし",
        "返信の言語: 日本語",
        "返信のほかにすること", "心よりお詫び", "問題は見つかりませんでした", "送る: sokuresu approve 1",
        "返信不要: sokuresu no-reply-needed 1",
    )  # fmt: skip
    assert [words for words in wanted if words not in result.stdout] == [], result.stdout
    assert "\x1b" not in result.stdout
    record = drafted.json("draft", "1")
    assert (record["case"], record["version"], record["intent"]) == (1, 1, "wrong_item")
    assert (record["facts"]["fulfilment"], record["in_drafts_folder"]) == ("own", None)
    assert record["messages"][0]["text"] == WRONG


def test_a_draft_with_blanks_offers_to_say_who_ships(unknown):
    """And does not offer to send it."""
    shown = unknown.call("draft", "1").stdout
    assert "sokuresu edit 1 --fulfilment own" in shown
    assert "sokuresu approve" not in shown
    assert "[送信できません] 〔" in shown


def test_a_case_without_a_draft_can_be_written_to(drafted, scratch, monkeypatch):
    """Mere thanks get none; a person may still answer them."""
    receive(drafted, "ありがとうございました。", local="otherbuyer000001", case="x" * 8, order=None)
    shown = drafted.call("draft", "2").stdout
    assert "案件 2: 下書きはありません" in shown
    assert "書く: sokuresu edit 2" in shown
    assert drafted.json("draft", "2")["version"] is None
    refused = drafted.call("approve", "2")
    assert (refused.exit_code, "sokuresu edit 2" in refused.stderr) == (1, True)
    editor(scratch, monkeypatch, writing("こちらこそありがとうございました。"))
    assert drafted.call("edit", "2").exit_code == 0
    assert drafted.json("draft", "2")["text"] == "こちらこそありがとうございました。\n"


def test_a_version_that_does_not_exist(drafted):
    """The list is named."""
    for line in (["draft", "1", "--version", "7"], ["approve", "1", "--draft", "7", "--yes"]):
        result = drafted.call(*line)
        assert (result.exit_code, "sokuresu case 1" in result.stderr) == (1, True)
    assert drafted.call("draft", "9").exit_code == 1


# Approving


def test_approving_shows_the_mail_asks_and_hands_it_over(drafted, person):
    """What was read is what leaves; without the service it says that nothing leaves yet."""
    result = drafted.call("approve", "1", input="y\n")
    assert result.exit_code == 0, result.output
    text = drafted.json("draft", "1")["text"]
    wanted = (BuyerMail().address, "件名: Re: ", "shop@shop.example", "心よりお詫び", "sokuresu run")
    assert all(words in result.stdout for words in wanted), result.stdout
    (item,) = approved(drafted)
    assert (item.recipient, item.text, item.state) == (BuyerMail().address, text, "queued")
    assert ("approved", "v1 command") in events(drafted)
    assert drafted.json("status")["approved"] == 1
    assert "返信を送信待ち" in drafted.call("cases").stdout
    assert "sokuresu run" in drafted.call("outbox").stdout
    drafted.call("once")
    drafted.call("once")
    answer = to_buyers(drafted)[-1]
    assert answer.recipients == (BuyerMail().address,)
    assert "心よりお詫び" in answer.message.get_payload(decode=True).decode()


def test_approving_says_when_it_leaves(drafted, person):
    """A service that lives sends it soon."""
    with closing(database(drafted)) as opened, opened.write() as uow:
        uow.runs.begin("r9", now(), "pid 1 on test")
        uow.commit()
    result = drafted.call("approve", "1", input="y\n")
    assert (result.exit_code, "サービスが動いています" in result.stdout) == (0, True)


@pytest.mark.parametrize("answer", ["n\n", "\n", ""])
def test_only_a_yes_approves(drafted, person, answer):
    """Enter alone, a no and the end of the input leave everything as it was."""
    result = drafted.call("approve", "1", input=answer)
    assert (result.exit_code, "何もしませんでした" in result.stderr) == (1, True)
    assert approved(drafted) == []


def test_nobody_to_ask_is_told_the_line(drafted):
    """A script must name the version that somebody read."""
    result = drafted.call("approve", "1", input="y\n")
    assert (result.exit_code, "sokuresu approve 1 --draft 1 --yes" in result.stderr) == (2, True)
    assert drafted.call("approve", "1", "--yes").exit_code == 2
    assert drafted.call("discard", "1", input="y\n").exit_code == 2
    assert approved(drafted) == []


def test_a_terminal_is_a_terminal(drafted):
    """The real program on a real terminal asks and takes the answer from there."""
    command = [sys.executable, "-m", "daemon.cli", "--config", str(drafted.config), "approve", "1"]
    ours, theirs = pty.openpty()
    with subprocess.Popen(command, cwd=ROOT, stdin=theirs, stdout=theirs, stderr=theirs) as process:
        os.close(theirs)
        os.write(ours, b"y\n")
        shown = b""
        while "承認しました" not in shown.decode("utf-8", "ignore"):
            shown += os.read(ours, 65536)
        process.wait(WAIT)
    os.close(ours)
    assert process.returncode == 0
    assert len(approved(drafted)) == 1


def test_blanks_and_errors_are_never_approved(unknown, person):
    """Whatever is answered and however it is called."""
    for line in (["approve", "1"], ["approve", "1", "--draft", "1", "--yes", "--despite-warnings"]):
        result = unknown.call(*line, input="y\ny\n")
        assert result.exit_code == 1
        assert "〔" in result.stdout
        assert "sokuresu edit 1" in result.stderr
    assert approved(unknown) == []


def test_warnings_want_a_word_of_their_own(drafted, person, scratch, monkeypatch):
    """Asked separately, or said on the line; what was overruled is recorded."""
    editor(scratch, monkeypatch, writing(SHORT))
    edited = drafted.call("edit", "1")
    assert "[注意]" in edited.stdout
    assert "注意(1)" in drafted.call("drafts").stdout
    for line, said in ((["--draft", "2", "--yes"], ""), ([], "n\ny\n"), ([], "y\nn\n")):
        assert drafted.call("approve", "1", *line, input=said).exit_code == 1
    assert approved(drafted) == []
    assert drafted.call("approve", "1", "--draft", "2", "--yes", "--despite-warnings").exit_code == 0
    assert ("approved", "v2 command despite:order_missing") in events(drafted)
    assert "v2 コマンドで (「注文番号なし」の注意を承知のうえ)" in drafted.call("case", "1").stdout


def test_an_older_version_is_refused(unknown):
    """Only the one that waits may go."""
    unknown.call("edit", "1", "--fulfilment", "own")
    result = unknown.call("approve", "1", "--draft", "1", "--yes")
    assert (result.exit_code, "新しい版" in result.stderr) == (1, True)
    assert unknown.call("approve", "1", "--draft", "2", "--yes").exit_code == 0
    assert unknown.call("approve", "1", "--draft", "2", "--yes").exit_code == 1


def test_a_message_that_came_since_voids_what_was_read(drafted, person, monkeypatch):
    """Before the question and between question and answer."""

    def answered_late(*_):
        receive(drafted, "追加です。箱も壊れていました。")

    monkeypatch.setattr(approve, "agree", answered_late)
    result = drafted.call("approve", "1")
    assert (result.exit_code, "購入者からその後にメッセージ" in result.stderr) == (1, True)
    result = drafted.call("approve", "1", "--draft", "1", "--yes")
    assert (result.exit_code, "購入者からその後にメッセージ" in result.stderr) == (1, True)
    assert approved(drafted) == []


def test_two_approvals_at_once_are_one_mail(drafted):
    """Two people, two processes, one row."""
    line = [sys.executable, "-m", "daemon.cli", "--config", str(drafted.config), "approve", "1"]
    pipes = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    both = [subprocess.Popen([*line, "--draft", "1", "--yes"], cwd=ROOT, **pipes) for _ in range(2)]
    said = [one.communicate(timeout=WAIT)[1].decode() for one in both]
    assert sorted(one.returncode for one in both) == [0, 1], said
    assert "送信中" in said[0] + said[1]
    assert len(approved(drafted)) == 1


def test_a_copy_that_was_edited_elsewhere_is_told_before_asking(drafted, person):
    """Somebody worked on it in the mail program."""
    with closing(database(drafted)) as opened, opened.write() as uow:
        draft = uow.drafts.open_of(1)
        uow.folder_copies.keep(FolderCopy(draft.id, FolderState.EDITED, "main", "Drafts", 1, 1, "x"))
        uow.commit()
    result = drafted.call("approve", "1", input="n\n")
    assert "書き換えられ、残っています (Drafts)。送るのは上の文です" in result.stdout
    assert "書き換えられ" in drafted.call("draft", "1").stdout


# Editing


def test_editing_makes_the_next_version(drafted, scratch, monkeypatch):
    """Of a private file whose lower part shows what the buyer wrote and is never sent."""
    look = (
        "mode = stat.S_IMODE(path.stat().st_mode), stat.S_IMODE(path.parent.stat().st_mode)\n"
        f"Path({str(scratch / 'seen')!r}).write_text(str(mode) + path.read_text('utf-8'), 'utf-8')\n"
        "Path(str(path) + '~').write_text('backup')\n"
    )
    editor(scratch, monkeypatch, look + writing(f"{ORDER} の件、{SHORT}"))
    result = drafted.call("edit", "1")
    assert (result.exit_code, "v2 を保存しました。まだ送っていません" in result.stdout) == (0, True)
    seen = (scratch / "seen").read_text("utf-8")
    assert seen.startswith(str((stat.S_IRUSR | stat.S_IWUSR, stat.S_IRWXU)))
    assert "> 赤を注文したのに" in seen
    assert "\x1b" not in seen
    (row,) = drafted.json("drafts")
    assert (row["version"], row["source"], row["text"]) == (2, "command", f"{ORDER} の件、{SHORT}\n")
    assert sorted(one.name for one in scratch.iterdir()) == ["editor.py", "seen"]
    assert ("draft_revised", "v2 command") in events(drafted)


@pytest.mark.parametrize("lines", ["pass", "path.write_text(path.read_text() + 'x')", writing(" \n\n")])
def test_nothing_new_is_nothing_stored(drafted, scratch, monkeypatch, lines):
    """Closed unchanged, changed below the cut only, or emptied."""
    editor(scratch, monkeypatch, lines)
    result = drafted.call("edit", "1")
    assert (result.exit_code, "何もしませんでした" in result.stdout) == (0, True)
    assert [row["version"] for row in drafted.json("drafts")] == [1]
    assert [one.name for one in scratch.iterdir()] == ["editor.py"]


def kept_text(result: Result) -> str:
    """The text of the file that a refusal names."""
    (path,) = re.findall(r"残してあります: (\S+)", result.stderr)
    return Path(path).read_text("utf-8")


def test_what_was_written_is_not_lost_when_the_buyer_writes_meanwhile(drafted, scratch, monkeypatch):
    """It is not stored, for the person had not seen the new message; the file stays."""

    def write_slowly(command):
        path = Path(command[-1])
        path.write_text(SHORT + "\n" + path.read_text("utf-8"), "utf-8")
        receive(drafted, "追加です。箱も壊れていました。")

    monkeypatch.setattr(sheet, "_run", write_slowly)
    result = drafted.call("edit", "1")
    assert result.exit_code == 1
    assert "購入者からその後にメッセージ" in result.stderr
    assert kept_text(result).startswith(SHORT)
    assert [row["source"] for row in drafted.json("drafts")] == ["template"]


def test_a_lost_cut_is_not_guessed(drafted, scratch, monkeypatch):
    """The guidance must never reach a buyer, so the text is kept aside."""
    editor(
        scratch, monkeypatch, "path.write_text('新しい文\\n' + path.read_text('utf-8').replace('-----', ''))"
    )
    result = drafted.call("edit", "1")
    assert (result.exit_code, "以下は送られません" in result.stderr) == (1, True)
    assert kept_text(result).startswith("新しい文")
    editor(scratch, monkeypatch, f"path.write_text({SHORT!r})")
    assert drafted.call("edit", "1").exit_code == 0
    assert drafted.json("drafts")[0]["text"] == SHORT + "\n"


def test_a_text_without_end_is_refused(drafted, scratch, monkeypatch):
    """Instead of being cut in silence."""
    editor(scratch, monkeypatch, writing("あ" * 20_001))
    result = drafted.call("edit", "1")
    assert (result.exit_code, "20001" in result.stderr) == (1, True)
    assert kept_text(result).startswith("ああ")


@pytest.mark.parametrize("chosen", ["/nowhere/editor", "false", "'", ""])
def test_an_editor_that_fails_is_told(drafted, scratch, monkeypatch, chosen):
    """Missing, failing, misquoted or none at all; nothing is left behind."""
    monkeypatch.setenv("VISUAL", chosen)
    monkeypatch.delenv("EDITOR", raising=False)
    monkeypatch.setattr(sheet.shutil, "which", lambda _: None)
    result = drafted.call("edit", "1")
    assert (result.exit_code, "EDITOR" in result.stderr or "異常終了" in result.stderr) == (1, True)
    assert list(scratch.iterdir()) == []


def test_the_usual_editors_are_found(monkeypatch):
    """The first that is there, if the person chose none."""
    monkeypatch.delenv("VISUAL", raising=False)
    monkeypatch.setenv("EDITOR", "code --wait")
    assert sheet.editor_command() == ["code", "--wait"]
    monkeypatch.delenv("EDITOR")
    monkeypatch.setattr(sheet.shutil, "which", lambda name: "/bin/vi" if name == "vi" else None)
    assert sheet.editor_command() == ["/bin/vi"]


def test_a_person_chooses_the_template(unknown):
    """Who ships settles the blanks; another situation gives another text; a wrong word is a usage error."""
    assert unknown.call("edit", "1", "--fulfilment", "own").exit_code == 0
    (own,) = unknown.json("drafts")
    assert (own["version"], own["fulfilment"], own["ready"]) == (2, "own", True)
    result = unknown.call("edit", "1", "--situation", "damaged", "--fulfilment", "fba")
    assert (result.exit_code, result.stderr) == (0, "")
    (row,) = unknown.json("drafts")
    assert (row["situation"], row["intent"], row["fulfilment"], row["sure"]) == (
        "damaged",
        "damaged",
        "fba",
        True,
    )
    assert unknown.call("edit", "1", "--situation", "weather").exit_code == 2
    unknown.call("approve", "1", "--draft", "3", "--yes")
    for line in ([], ["--fulfilment", "own"]):
        refused = unknown.call("edit", "1", *line)
        assert (refused.exit_code, "送信中" in refused.stderr) == (1, True)


def test_a_version_that_was_made_meanwhile_is_told(drafted, scratch, monkeypatch):
    """Two people write at once: the later text waits, the earlier one is on record and named."""

    def write_slowly(command):
        drafted.call("edit", "1", "--situation", "question")
        path = Path(command[-1])
        path.write_text(SHORT + "\n" + path.read_text("utf-8")[-1500:], "utf-8")

    monkeypatch.setattr(sheet, "_run", write_slowly)
    result = drafted.call("edit", "1")
    assert (result.exit_code, "--version 2" in result.stdout) == (0, True)
    assert drafted.json("drafts")[0]["version"] == 3
    assert drafted.json("draft", "1", "--version", "2")["state"] == "replaced"


def test_a_threat_is_answered_by_a_person_alone(drafted, scratch, monkeypatch):
    """Nothing is drafted and the old draft may not go; a person who sees both messages may write."""
    receive(drafted, "訴えます。消費者センターに相談しました。弁護士に連絡します。")
    assert [row for row in drafted.json("drafts") if row["ready"]] == []
    assert drafted.call("approve", "1", "--draft", "1", "--yes").exit_code == 1
    editor(scratch, monkeypatch, writing(f"{ORDER} の件、{SHORT}"))
    assert drafted.call("edit", "1").exit_code == 0
    assert drafted.call("approve", "1", "--draft", "2", "--yes").exit_code == 0


def test_a_persons_text_stays_on_record_when_a_template_takes_its_place(drafted, scratch, monkeypatch):
    """And its version is named."""
    editor(scratch, monkeypatch, writing(SHORT))
    drafted.call("edit", "1")
    result = drafted.call("edit", "1", "--situation", "damaged")
    assert (result.exit_code, "sokuresu draft 1 --version 2" in result.stdout) == (0, True)
    assert drafted.json("draft", "1", "--version", "2")["text"] == SHORT + "\n"


# Discarding, putting off, no reply


def test_discarding_asks_and_leaves_the_case_open(drafted, person):
    """A no changes nothing; after a yes there is nothing to approve."""
    assert drafted.call("discard", "1", input="\n").exit_code == 1
    assert len(drafted.json("drafts")) == 1
    result = drafted.call("discard", "1", input="y\n")
    assert (result.exit_code, "未回答のまま" in result.stdout) == (0, True)
    assert drafted.json("drafts") == []
    assert [case["state"] for case in drafted.json("cases")] == ["open"]
    assert drafted.call("discard", "1", "--yes").exit_code == 1
    assert drafted.call("approve", "1").exit_code == 1
    assert ask(drafted, lambda uow: uow.drafts.of_case(1))[0].state is DraftState.DISCARDED
    assert "破棄" in drafted.call("case", "1").stdout


@pytest.mark.parametrize(
    ("line", "status", "words"),
    [
        ([], 0, "後回しにしました"),
        (["--for", "90m"], 0, "まで後回し"),
        (["--until", "00:00"], 0, "明日 00:00"),
        (["--for", "3d"], 0, "Amazonの期限"),
        (["--until", "2020-01-01 09:00"], 1, "これからの時刻"),
        (["--for", "3x"], 2, "90m"),
        (["--for", "31d"], 2, "30日"),
        (["--until", "25:00"], 2, "18:30"),
        (["--for", "3h", "--until", "09:00"], 2, "どちらか一つ"),
    ],
)
def test_snoozing_until_a_local_time(taken, line, status, words):
    """Three hours, a length, a time of day or a day; what cannot be meant is refused."""
    result = taken.call("snooze", "1", *line)
    assert (result.exit_code, words in result.output) == (status, True), result.output
    (case,) = taken.json("cases")
    assert (case["snoozed_until"] is None) == (status != 0)


def test_snoozing_is_in_the_record_in_words(taken):
    """And in the notes of the list."""
    day = (now() + timedelta(days=20)).astimezone(ZoneInfo("Asia/Tokyo"))
    taken.call("snooze", "1", "--until", f"{day:%Y-%m-%d} 09:30")
    assert f"後回しにしました: {day.month}月{day.day}日" in taken.call("case", "1").stdout
    assert "後回し中" in taken.call("cases").stdout
    assert taken.json("cases")[0]["snoozed_until"] == f"{day:%Y-%m-%d}T00:30:00Z"


def test_amazons_own_link_is_shown_again_and_only_if_it_is_proven(taken):
    """Once the mail itself is gone, or where it is not proven, Seller Central is named instead."""
    link = "https://sellercentral"
    assert link in taken.call("no-reply-needed", "1").stdout
    assert link in taken.call("no-reply-needed", "1").stdout
    with closing(database(taken)) as opened, opened.write() as uow:
        (message,) = uow.messages.of_case(1)
        uow.messages.change(message.id, authenticity=Authenticity.NONE)
        uow.commit()
    assert link not in taken.call("no-reply-needed", "1").stdout
    with closing(database(taken)) as opened, opened.write() as uow:
        uow.messages.change(message.id, authenticity=Authenticity.PASS)
        uow.raw_mail.drop_before(now())
        uow.commit()
    shown = taken.call("no-reply-needed", "1").stdout
    assert (link in shown, "セラーセントラルにログイン" in shown) == (False, True)


# The other commands


def test_the_other_commands_know_drafts(drafted):
    """The case lists its versions, the list of cases notes it, and the status counts."""
    shown = drafted.call("case", "1").stdout
    assert "承認待ち — 違う商品, 文例から" in shown
    assert "下書きを作りました: v1 違う商品 (日本語)" in shown
    assert "下書きあり" in drafted.call("cases").stdout
    (case,) = drafted.json("cases")
    assert (case["drafted"], case["approved"]) == (True, False)
    status = drafted.json("status")
    assert (status["drafts"], status["approved"]) == (1, 0)
    assert "承認待ちの下書き: 1 → sokuresu drafts" in drafted.call("status").stdout
    assert [draft["version"] for draft in drafted.json("case", "1")["drafts"]] == [1]


def test_an_approval_that_did_not_hold_is_told_in_words(drafted):
    """The buyer wrote again before it left."""
    assert drafted.call("approve", "1", "--draft", "1", "--yes").exit_code == 0
    receive(drafted, "追加です。箱も壊れていました。")
    drafted.call("once")
    shown = drafted.call("case", "1").stdout
    assert "承認した返信を送りませんでした: 購入者から新しいメッセージが届きました" in shown
    assert "取り下げ — 購入者から新しいメッセージが届きました" in shown
    assert [item.state for item in approved(drafted)] == ["withdrawn"]


def test_check_tells_faulty_templates_and_a_missing_drafts_folder(shop, monkeypatch):
    """A warning each, with the file and the line; a good folder is named."""
    (shop.folder / "own").mkdir()
    shop.configure(extra='[drafts]\ntemplates = "own"\n')
    assert "下書きフォルダーがない" in shop.call("check").stdout
    assert re.search(r"OK +文例: \S+own", shop.call("check").stdout)
    fault = TemplateFault("own/ja/damaged.j2", 3, "変数がありません / unknown name")
    monkeypatch.setattr(DraftTemplates, "faults", lambda _: (fault,))
    result = shop.call("check")
    assert (result.exit_code, "own/ja/damaged.j2:3: 変数がありません" in result.stdout) == (0, True)
    shop.configure(extra="[drafts]\nin_mailbox = false\n")
    shown = shop.call("check").stdout
    assert "下書きフォルダーがない" not in shown
    assert "文例" not in shown


def test_discarding_stops_what_was_approved_and_has_not_left(drafted):
    """The mail never leaves, and the version is not approved again."""
    before = len(to_buyers(drafted))
    assert drafted.call("approve", "1", "--draft", "1", "--yes").exit_code == 0
    assert drafted.call("discard", "1", "--yes").exit_code == 0
    assert drafted.call("approve", "1", "--draft", "1", "--yes").exit_code == 1
    assert drafted.call("once").exit_code == 0
    assert len(to_buyers(drafted)) == before
