"""What is in force: configuration, rules that read mail, templates. Nothing can be changed here."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.exceptions import HTTPException

from daemon.showing.reader import clean
from daemon.web import template_view
from daemon.web.rooms import Room
from daemon.web.rules_view import rule_files
from daemon.web.settings_view import sections_of
from daemon.web.settings_words import CONFIDENCES
from daemon.web.template_view import FaultBook
from templates.drafting import LANGUAGES, DraftTemplates

if TYPE_CHECKING:
    from starlette.responses import Response

    from daemon.web.visit import Visit

_LANGUAGES = sorted(LANGUAGES, reverse=True)
_REASON_LIMIT = 400
_faults = FaultBook()


def show(visit: Visit) -> Response:
    """The configuration."""
    settings = visit.desk.settings
    return visit.page(
        "settings.j2",
        file=settings.file or "sokuresu.toml",
        sections=sections_of(settings, visit.reader),
        warnings=[_one_language(warning, visit) for warning in settings.warnings],
    )


def show_rules(visit: Visit) -> Response:
    """The rules that the recognisers work by."""
    return visit.page("settings_rules.j2", files=rule_files(visit.reader), confidences=CONFIDENCES)


def show_templates(visit: Visit) -> Response:
    """Every template, and what is wrong with the shop's own."""
    folder = visit.desk.settings.drafts.templates
    own = DraftTemplates(folder)
    return visit.page(
        "settings_templates.j2",
        names=template_view.NAMES,
        undrafted=template_view.UNDRAFTED,
        languages=_LANGUAGES,
        is_own=own.is_own,
        folder=folder,
        faults=[
            (clean(fault.file, _REASON_LIMIT), fault.line, clean(fault.reason, _REASON_LIMIT))
            for fault in _faults.faults(folder)
        ],
    )


def show_template(visit: Visit) -> Response:
    """How one of them reads, with an invented case."""
    language, name = (visit.request.path_params[key] for key in ("language", "name"))
    if language not in LANGUAGES or name not in template_view.NAMES:
        raise HTTPException(404)
    asked = visit.query.text("way", 20)
    way = asked if asked in template_view.WAYS else "unknown"
    desk = visit.desk
    seen = template_view.preview(
        desk.shop,
        desk.settings.drafts.templates,
        name,
        language,
        visit.now,
        way=way,
        reasons=visit.reader.language,
    )
    fault = clean(seen.fault.reason, _REASON_LIMIT) if seen.fault else ""
    return visit.page(
        "settings_template.j2",
        name=name,
        language=language,
        way=way,
        ways=() if name == template_view.ACKNOWLEDGMENT else template_view.WAYS,
        languages=_LANGUAGES,
        seen=seen,
        fault=fault,
    )


def _one_language(sentence: str, visit: Visit) -> str:
    """The half of a two-language sentence that this person reads."""
    ja, slash, en = sentence.partition(" / ")
    return clean(visit.say(ja, en) if slash and " / " not in en else sentence, _REASON_LIMIT)


ROOMS = (
    Room("/settings", show),
    Room("/settings/rules", show_rules),
    Room("/settings/templates", show_templates),
    Room("/settings/templates/{language}/{name}", show_template),
)
