"""What the narrator calls things: Japanese first, a short English beside it."""

from __future__ import annotations

from dataclasses import dataclass

from daemon.reading.arrivals import Outcome


@dataclass(frozen=True, slots=True)
class Line:
    """One thing in both languages."""

    ja: str
    en: str

    def filled(self, **values: object) -> Line:
        """The same with its blanks filled in."""
        return Line(self.ja.format(**values), self.en.format(**values))


NOT_READ = Line(
    "読みません。Amazonからのメールではありません（件名も残しません）",
    "not from Amazon: not read, not stored, not even its subject",
)
UNANSWERED = Line("案件{case}は未回答です", "case {case} is unanswered")
ANSWERED = Line("案件{case}は回答済みです", "case {case} is answered")
RATING_LEFT = Line(
    "購入者には回答済みです。案件{case}は、低い評価への対応だけが残っています",
    "the buyer is answered; of case {case} only the low rating is left to deal with",
)
POSTED = Line(
    "店主のチャットにも要点だけ（名前も本文も操作もなし。2回目からは省きます）",
    "the owner's chat gets the outline: no names, no words, no commands (shown once)",
)
PLACED = Line("下書きフォルダーに下書きを入れました", "a ready draft was put into the Drafts folder")
TAKEN_OUT = Line("下書きフォルダーから下書きを消しました", "the draft was taken out of the Drafts folder")
ACKNOWLEDGED = Line("受付確認を送ります", "acknowledged")
NOT_ACKNOWLEDGED = Line("受付確認は送りません。{ja}", "no acknowledgment: {en}")

OUTCOMES = {
    Outcome.IGNORED: Line("関係がありません", "nobody's business"),
    Outcome.COUNTED: Line("数えるだけです。対応は要りません", "only counted, nothing to do"),
    Outcome.ALREADY_KNOWN: Line("同じメッセージの写しです", "a copy of a message that is known"),
    Outcome.PROVEN_LATER: Line("案件{case}の送信元が確認できました", "case {case} is proven now"),
    Outcome.QUARANTINED: Line("保留します。案件にしません", "put aside in quarantine, no case"),
    Outcome.COPY_MATCHED: Line(
        "自分が送ったメールの控えです。届いた証しになるだけです",
        "our own mail coming back: it proves delivery and answers nothing",
    ),
    Outcome.COPY_ANSWERED: Line(
        "店からの回答の控えです。案件{case}は回答済みです", "a copy of an answer: case {case} is answered"
    ),
    Outcome.COPY_TO_CONFIRM: Line("回答かもしれない控えです", "perhaps a copy of an answer: please confirm"),
    Outcome.FAILURE_NOTED: Line(
        "回答は届いていません。案件{case}を未回答に戻します",
        "the answer did not arrive: case {case} is open again",
    ),
    Outcome.OPENED: Line("案件{case}を開きます", "opens case {case}"),
    Outcome.JOINED: Line("案件{case}に加えます", "joins case {case}"),
    Outcome.HISTORY: Line("古いメールです", "history"),
}
"""What became of a mail."""
