"""``sokuresu demo`` as a process: it shows the whole job, checks itself and leaves nothing behind."""

import os
import re
import signal
import subprocess
import sys

import httpx2
import pytest

from daemon.demo import after_care, story

WITHIN = 250
HEEDING = (
    "import signal, sys; signal.signal(signal.SIGINT, signal.default_int_handler);"
    "from daemon.cli import main; main(['demo', *sys.argv[1:]])"
)
"""A process heeds Ctrl-C again though the tests may run where it is ignored."""


@pytest.fixture
def environment(tmp_path):
    """A bare environment with a home and a folder for temporary files that are empty."""
    for name in ("home", "tmp"):
        (tmp_path / name).mkdir()
    kept = {name: value for name, value in os.environ.items() if name in {"PATH", "LANG", "LC_ALL"}}
    return kept | {"HOME": str(tmp_path / "home"), "TMPDIR": str(tmp_path / "tmp"), "PYTHONUTF8": "1"}


def test_the_demonstration_shows_the_whole_job(environment, tmp_path):
    """Genuine messages are acknowledged and nothing else; alerts name what is unanswered."""
    with subprocess.Popen(
        [sys.executable, "-c", HEEDING, "--desk"],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        told = "".join(iter(process.stdout.readline, "Ctrl-C で終わります。\n"))
        try:
            desk = look_at_desk(told)
        finally:
            process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=WITHIN)
    assert (process.returncode, errors) == (0, ""), told[-3000:] + errors
    assert all(buyer.name in desk for buyer in (story.ALICE, story.KOBAYASHI)), desk
    assert_acknowledged_right(told)
    assert_alerted_right(told)
    assert_reviewed_right(told)
    assert_cared_for_right(told)
    assert "届いたメール32通、受付確認6通、店主へのお知らせ14通" in told
    assert re.search(r"sokuresu:[a-z2-7]{5}", told) is None
    assert "\x1b" not in told
    assert list((tmp_path / "tmp").iterdir()) == []
    assert list((tmp_path / "home").iterdir()) == []


def look_at_desk(output):
    """What stands at the desk when the story is told, for whoever has the password."""
    address, password = re.findall(r"(http://127\.0\.0\.1:\d+)  パスワード / password: (\S+)", output)[-1]
    with httpx2.Client(base_url=address, headers={"origin": address}, timeout=30) as client:
        assert client.get("/").headers["location"] == "/login"
        client.post("/login", data={"password": password})
        return client.get("/").text


def assert_acknowledged_right(output):
    """Each genuine buyer got exactly one, on the closed day with a word on the telephone."""
    told = [part.split("\n")[1] for part in output.split("送る  購入者への受付確認")[1:]]
    assert [line.split()[-1] for line in told] == [buyer.alias for buyer in story.ACKNOWLEDGED_BUYERS]
    for buyer in (story.TAKAHASHI, story.NAKATA, story.MORI):
        assert f"宛先 {buyer.alias}" not in output, buyer.name
    assert output.count("お電話の受付はお休み") == len(story.CLOSED_DAY_BUYERS)
    assert "A member of our team will answer you by" in output


def assert_reviewed_right(output):
    """Drafts lie in the folder, two answers left as approved, one was refused, one case closed by a copy."""
    drafts = [
        part.split("\n")[1].split()[-1] for part in output.split("下書きフォルダーに下書きを入れました")[1:]
    ]
    assert drafts == [buyer.alias for buyer in story.DRAFTED_BUYERS]
    answers = output.split("購入者への回答（店主が承認したもの）")[1:]
    assert [part.split("\n")[1].split()[-1] for part in answers] == [
        buyer.alias for buyer, _ in story.APPROVED_ANSWERS
    ]
    refused = output.partition("17:05  送る  店主への返事")[2].partition("17:10  店主")[0]
    assert "このままでは送れません" in refused
    assert "評価・レビューの変更" in refused
    assert f"▶ {story.SEND}" not in refused
    assert "案件5は回答済みです  a copy of an answer" in output
    assert "$ sokuresu approve 10" in output


def assert_alerted_right(output):
    """Noon lists the unanswered and not the answered; the feedback of 1 was urgent."""
    noon = output.partition("12:00  送る  店主へのお知らせ")[2].partition("13:10  届く")[0]
    assert story.KIMURA.order in noon
    assert story.MORI.order in noon
    assert story.YAMAMOTO.order not in noon
    assert "【即レス・至急】低い評価が届きました(5段階の1)" in output


def assert_cared_for_right(output):
    """Each rating is judged, the call and the refund are noted, the agent is asked once."""
    judged = [part.partition("届く")[0] for part in output.split("$ sokuresu feedback show ")[1:]]
    assert ["取り消し線を引き" in one for one in judged] == [True, False, False]
    assert ["削除を申請できる見込み" in one for one in judged] == [False, True, False]
    assert ["削除の見込みは低い" in one for one in judged] == [False, False, True]
    assert "= 返金額 (一部): 3,000円" in output
    assert output.count("宛先 warehouse@agent.example") == 1
    assert output.count(after_care.NUMBER) == 1
    month = output.partition("$ sokuresu report")[2]
    assert "2026年11月のまとめ" in month
    assert after_care.PREVENTION in month


def test_it_can_be_interrupted(environment, tmp_path):
    """Ctrl-C ends it at once, without a word on frames, and takes its files away."""
    with subprocess.Popen(
        [sys.executable, "-c", HEEDING],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        next(line for line in process.stdout if "09:20" in line)
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=WITHIN)
    assert (process.returncode, errors) == (130, "")
    assert list((tmp_path / "tmp").iterdir()) == []


def test_without_its_servers_it_says_what_to_install(environment):
    """They are an extra of the package."""
    bare = "import sys; sys.modules['pymap.imap'] = None; from daemon.cli import main; main(['demo'])"
    run = subprocess.run(
        [sys.executable, "-c", bare],
        env=environment,
        capture_output=True,
        text=True,
        timeout=WITHIN,
        check=False,
    )
    assert run.returncode == 1
    assert "pip install 'sokuresu[demo]'" in run.stderr
    assert "Traceback" not in run.stderr


def test_a_service_that_obeys_anybody_is_found_out(environment):
    """The demonstration judges what it sees: here an unproven command is carried out at once."""
    obeys = (
        "from daemon import owner_commands; owner_commands.must_ask_back = lambda *_: False;"
        "from daemon.cli import main; main(['demo'])"
    )
    run = subprocess.run(
        [sys.executable, "-c", obeys],
        env=environment,
        capture_output=True,
        text=True,
        timeout=WITHIN,
        check=False,
    )
    assert run.returncode == 1
    assert "expected “送信の確認”" in run.stdout
    assert "すべて予定どおりでした" not in run.stdout
