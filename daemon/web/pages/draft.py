"""Writing the answer: checked while one writes, kept as a version, drafted anew, thrown away."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from starlette.exceptions import HTTPException

from daemon.drafting import redraft
from daemon.errors import SokuresuError
from daemon.review import (
    ReviewRefused,
    blank_draft,
    case_of,
    check_text,
    discard,
    draft_to_discard,
    standing_of,
)
from daemon.showing.case_lines import line_of
from daemon.web.case_heads import met
from daemon.web.differences import differences
from daemon.web.draft_view import Mode, concerns_of, findings_in, panel_of
from daemon.web.letter_view import said_in
from daemon.web.refusals import say_error
from daemon.web.rooms import Room
from daemon.web.writing import Written, keep, written_in
from state.approval_rules import ApprovalRefusal, refusal_of
from state.drafts import DraftState
from templates.drafting import DRAFTED, DraftTemplates

if TYPE_CHECKING:
    from starlette.responses import Response

    from daemon.web.draft_view import DraftPanel
    from daemon.web.visit import Visit
    from daemon.work import Work
    from state.drafts import Draft
    from state.model import Case

LONGEST_CHECKED = 8_000
"""Characters; twice what Amazon takes. A longer text is told to be too long without being read."""


def check(visit: Visit) -> Response:
    """What the check says of the text as it stands in the field; asked for while one writes."""
    text = written_in(visit.form, visit.number()).text
    too_long = len(text) > LONGEST_CHECKED
    with visit.considering() as work:
        case = met(work, visit.number())
    found = () if too_long or not text.strip() else check_text(text, case.order_ids, visit.reader.language)
    return visit.page("_check.j2", concerns=concerns_of(found), too_long=too_long, empty=not text.strip())


def save(visit: Visit) -> Response:
    """Keep the text as the next version, and go on to the check before sending if that was wanted."""
    written = written_in(visit.form, visit.number())
    try:
        with visit.deciding() as work:
            met(work, written.case_id)
            draft = keep(work, written)
    except SokuresuError as error:
        return write_on(visit, written, error)
    if visit.form.line("then") == "send":
        return visit.go(f"/case/{written.case_id}/send", version=draft.version)
    return visit.go(f"/case/{written.case_id}", done="saved")


def choose(visit: Visit) -> Response:
    """Draft anew for another situation; what the person wrote is kept as a version before."""
    written = written_in(visit.form, visit.number())
    situation, fulfilment = visit.form.line("situation"), visit.form.line("fulfilment")
    try:
        with visit.deciding() as work:
            met(work, written.case_id)
            if written.text.strip():
                keep(work, written)
            _draft_anew(visit, work, written, situation, fulfilment)
    except SokuresuError as error:
        return write_on(visit, written, error)
    return visit.go(f"/case/{written.case_id}", done="redrafted")


def _draft_anew(visit: Visit, work: Work, written: Written, situation: str, fulfilment: str) -> None:
    case = case_of(work, written.case_id)
    refusal = refusal_of(blank_draft(work, case.id), standing_of(work, case))
    if refusal is not None:
        raise ReviewRefused(refusal, case.id)
    drafted = redraft(
        work,
        DraftTemplates(visit.desk.settings.drafts.templates),
        case.id,
        situation=situation if situation in DRAFTED else None,
        fulfilment=fulfilment if fulfilment in ("fba", "own") else None,
    )
    if drafted is None:
        raise SokuresuError("この内容に合う文例がありません。 / No template fits this.")


def write_on(visit: Visit, written: Written, error: SokuresuError) -> Response:
    """The field again with what the person wrote in it, and on top why it was not kept.

    Args:
        visit: the request.
        written: what came with it.
        error: the reason.
    """
    with visit.considering() as work:
        line = line_of(work.uow, met(work, written.case_id))
        panel = panel_of(work, line, visit.reader)
    again = _with_text(panel, line.case, written, _trouble(visit, panel, error), visit)
    news = said_in(one for one in line.messages if one.id > written.sight.message)
    return visit.page("draft.j2", code=409, panel=again, line=line, news=news)


def _trouble(visit: Visit, panel: DraftPanel, error: SokuresuError) -> str:
    if not isinstance(error, ReviewRefused) or error.refusal is not ApprovalRefusal.OLD_VERSION:
        return say_error(error, visit.reader)
    if not panel.waiting:
        return visit.say(
            "もとの下書きは、ほかの画面で破棄されました。この文を生かすなら、もう一度保存してください。",
            "The draft was thrown away elsewhere. To use this text, save it once more.",
        )
    return visit.say(
        f"ほかの画面かメールで、第{panel.waiting}版ができていました。下の違いを確かめて、"
        "この文を生かすなら、もう一度保存してください。",
        f"Version {panel.waiting} was made elsewhere. See below how this differs; to use this text, save it"
        " once more.",
    )


def _with_text(panel: DraftPanel, case: Case, written: Written, trouble: str, visit: Visit) -> DraftPanel:
    text, short = written.text, len(written.text) <= LONGEST_CHECKED
    meanwhile = panel.waiting not in (0, written.waiting)
    return replace(
        panel,
        version=written.version,
        text=text,
        findings=findings_in(text, case.order_ids, visit.reader.language) if text.strip() and short else (),
        changes=differences(panel.text, text) if meanwhile and panel.mode is Mode.WRITE else (),
        changed_from=visit.say("そのあとにできた版", "the version that came meanwhile") if meanwhile else "",
        trouble=trouble,
        hindrance="",
        unkept=True,
        settled=False,
    )


def throw_away(visit: Visit) -> Response:
    """Throw away the version that the person saw; a second click finds it done."""
    number, version = visit.number(), visit.form.number("version") or 0
    with visit.deciding() as work:
        versions = work.uow.drafts.of_case(met(work, number).id)
        seen = next((one for one in versions if one.version == version), None)
        if seen is None or seen.state is not DraftState.DISCARDED:
            refused = _discard(work, number, version, visit)
            if refused is not None:
                return refused
    return visit.go(f"/case/{number}", done="discarded")


def _discard(work: Work, number: int, version: int, visit: Visit) -> Response | None:
    """Nobody throws away what they have not seen."""
    try:
        meant = draft_to_discard(work, number)
    except ReviewRefused as error:
        return refuse(visit, number, say_error(error, visit.reader))
    if meant.version != version:
        told = visit.say(
            f"この画面を開いたあとに、第{meant.version}版ができました。何も破棄していません。",
            f"Version {meant.version} was made since you opened this; nothing was thrown away.",
        )
        return refuse(visit, number, told)
    discard(work, number)
    return None


def refuse(visit: Visit, number: int, trouble: str, draft: Draft | None = None) -> Response:
    """A page that says why nothing was done, with the way back and the text as it is kept.

    Args:
        visit: the request.
        number: the case.
        trouble: the reason, in words.
        draft: the version that it was about.
    """
    return visit.page("refused.j2", code=409, number=number, trouble=trouble, draft=draft)


def look(visit: Visit) -> Response:
    """An older version, and how the one that waits differs from it."""
    with visit.considering() as work:
        line = line_of(work.uow, met(work, visit.number()))
        panel = panel_of(work, line, visit.reader)
        draft = version_of(work, line.case, visit.number("version"))
    newer = panel.text if panel.version and panel.version != draft.version else ""
    return visit.page(
        "version.j2",
        panel=panel,
        line=line,
        draft=draft,
        changes=differences(draft.text, newer) if newer else (),
        concerns=concerns_of(findings_in(draft.text, line.case.order_ids, visit.reader.language)),
    )


def back(visit: Visit) -> Response:
    """Whoever opens the address of the form gets to the case."""
    return visit.go(f"/case/{visit.number()}")


def version_of(work: Work, case: Case, version: int) -> Draft:
    """One version of a case.

    Raises:
        HTTPException: there is none.
    """
    found = next((one for one in work.uow.drafts.of_case(case.id) if one.version == version), None)
    if found is None:
        raise HTTPException(404)
    return found


ROOMS = (
    Room("/case/{number:int}/check", check, "POST", quiet=True),
    Room("/case/{number:int}/draft", save, "POST"),
    Room("/case/{number:int}/draft", back),
    Room("/case/{number:int}/situation", choose, "POST"),
    Room("/case/{number:int}/discard", throw_away, "POST"),
    Room("/case/{number:int}/draft/{version:int}", look),
)
