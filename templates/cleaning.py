"""Making hostile text harmless: what a stranger wrote may inform a person and do nothing else."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import replace
from typing import TYPE_CHECKING

from templates.contexts import ACTIONS
from templates.guidelines import check

if TYPE_CHECKING:
    from templates.contexts import (
        AcknowledgmentContext,
        AlertCase,
        AlertContext,
        AlertDraft,
        AlertEvent,
        AlertOffer,
        AnswerContext,
        DraftContext,
    )

NAME_LIMIT = 40
ITEM_LIMIT = 60
SHOP_NAME_LIMIT = 60
DETAIL_LIMIT = 200
EXCERPT_LIMIT = 600
EXCERPT_LINES = 15
ORDERS_LIMIT = 5
ATTACHMENTS_LIMIT = 20
REASON_LIMIT = 300
REASONS_SHOWN = 10
ADVICE_SHOWN = 10
OFFERS_SHOWN = 6
DRAFT_LIMIT = 4_000
DRAFT_LINES = 200
"""How much of a draft an alert shows; more than Amazon takes cannot be sent anyway."""

_SLACK = 4  # characters looked at for each one kept; bounds the work on a huge text

_ORDER_ID = re.compile(r"(?:\d{3}|[DPS]\d{2})-\d{7}-\d{7}", re.ASCII)
_LINE_ENDS = re.compile("\r\n|[\r\n\v\f\x1c-\x1e\x85\u2028\u2029]")
_LINK = re.compile(r"mailto:[!#$%&'*+/0-9=?@A-Z^_`a-z{|}~.;,-]{3,900}", re.ASCII)
_SCHEME = re.compile(r"h(?:tt|xx)p(s?)(?=:)", re.IGNORECASE)
_DOT_IN_NAME = re.compile(r"(?<=[A-Za-z0-9_-])\.(?=[A-Za-z]{2})")
_TRAILING_BLANKS = re.compile(r"(?<! ) {1,99}$", re.MULTILINE)
_MANY_LINE_ENDS = re.compile(r"\n{3,}")
_NAME_MARKS = frozenset(" .,'’・･·-‐‑–ー=＝()&")
_WORDS_ABOUT_RATINGS = ("評価", "レビュー", "review", "feedback", "rating")
_HONORIFICS = ("様", "さま", "さん")


def _is_printable(character: str) -> bool:
    """Neither a control, nor a direction override or other invisible character, nor half a character."""
    return unicodedata.category(character) not in {"Cc", "Cf", "Cs", "Zl", "Zp"}


def one_line(text: str, limit: int) -> str:
    """One printable line without double blanks, at most `limit` characters."""
    kept = text[: limit * _SLACK]
    if not kept.isprintable():
        spaced = "".join(" " if one.isspace() else one for one in kept)
        kept = "".join(filter(_is_printable, spaced))
    kept = " ".join(kept.split())
    return kept if len(kept) <= limit else kept[: limit - 1] + "…"


def several_lines(text: str) -> str:
    """The text with plain line ends and no other control, without limit; for bodies that a person wrote."""
    unified = _LINE_ENDS.sub("\n", text).replace("\t", " ")
    return "".join(one for one in unified if one == "\n" or unicodedata.category(one) not in {"Cc", "Cs"})


def inert(text: str) -> str:
    """Take the life out of web and mail addresses, so that no mail program makes a link of them."""
    return _DOT_IN_NAME.sub("[.]", _SCHEME.sub(r"hxxp\1", text))


def excerpt(text: str) -> str:
    """The beginning of what a stranger wrote: a few printable lines, links inert, an ellipsis if cut."""
    head = _LINE_ENDS.sub("\n", text[: EXCERPT_LIMIT * _SLACK])
    lines = [line for line in (one_line(raw, EXCERPT_LIMIT) for raw in head.split("\n")) if line]
    kept = "\n".join(lines[:EXCERPT_LINES])
    is_cut = len(kept) > EXCERPT_LIMIT or len(lines) > EXCERPT_LINES or len(text) > EXCERPT_LIMIT * _SLACK
    return inert(kept[:EXCERPT_LIMIT]) + ("…" if is_cut and not kept.endswith("…") else "")


def _can_be_name(text: str) -> bool:
    """Letters and what stands between letters in names; nothing that leads anywhere or asks for stars."""
    folded = unicodedata.normalize("NFKC", text)
    marks = all(one.isalnum() or unicodedata.category(one)[0] == "M" or one in _NAME_MARKS for one in folded)
    digits = sum(one.isdigit() for one in folded)
    about_ratings = any(word in folded.lower() for word in _WORDS_ABOUT_RATINGS)
    return marks and digits <= 2 and not about_ratings and not _DOT_IN_NAME.search(folded)


def name(text: str | None, limit: int = NAME_LIMIT) -> str | None:
    """A name to address somebody by; None if there is none, or if it is none.

    A name that is too long, that holds an address, a number or a symbol is left out altogether: half a
    name is worse than none.
    """
    line = one_line(text or "", limit + 1)
    return line if line and len(line) <= limit and _can_be_name(line) else None


def _without_honorific(line: str) -> str:
    """The name alone, for the templates add the honorific themselves."""
    for honorific in _HONORIFICS:
        if line.endswith(honorific):
            return line.removesuffix(honorific).rstrip()
    return line


def buyer_name(text: str | None, shop_name: str) -> str | None:
    """The buyer's name without honorific; None if unknown, unusable, or the shop's own.

    Amazon is known to put the seller's name into the place of the buyer's; nobody writes to himself.
    """
    found = name(text)
    if found is None or found == one_line(shop_name, SHOP_NAME_LIMIT):
        return None
    return _without_honorific(found) or None


def order_id(text: str | None) -> str | None:
    """The order number, None if it has not the shape of one."""
    return text if text is not None and _ORDER_ID.fullmatch(text) else None


def acknowledgment(context: AcknowledgmentContext) -> AcknowledgmentContext:
    """The same context with nothing in it that a buyer must not be sent."""
    return replace(
        context,
        shop_name=name(context.shop_name, SHOP_NAME_LIMIT) or "",
        buyer_name=buyer_name(context.buyer_name, context.shop_name),
        order_id=order_id(context.order_id),
    )


def _sendable(text: str | None) -> str | None:
    """The name, None if Amazon's rules would take it for more than one (``クーポン差し上げます``)."""
    return text if text is not None and not check(text) else None


def draft(context: DraftContext) -> DraftContext:
    """The same context with nothing in it that a buyer must not be sent."""
    return replace(
        context,
        shop_name=name(context.shop_name, SHOP_NAME_LIMIT) or "",
        buyer_name=_sendable(buyer_name(context.buyer_name, context.shop_name)),
        order_id=order_id(context.order_id),
        attachments=tuple(one_line(one, DETAIL_LIMIT) for one in context.attachments[:ATTACHMENTS_LIMIT]),
        item=_sendable(one_line(context.item or "", ITEM_LIMIT) or None),
        price=one_line(context.price or "", NAME_LIMIT) or None,
    )


def paragraphs(text: str) -> str:
    """The text without blanks at line ends and with at most one empty line at a stretch, ending in a line."""
    return _MANY_LINE_ENDS.sub("\n\n", _TRAILING_BLANKS.sub("", text)).strip("\n") + "\n"


def draft_text(text: str) -> str:
    """What a person or a template wrote, word for word, without controls and invisible characters."""
    return "".join(one for one in several_lines(text).strip("\n") if one == "\n" or _is_printable(one))


def is_long(text: str) -> bool:
    """A draft is shown only in part, so it cannot be approved by looking at it."""
    return len(text) > DRAFT_LIMIT or text.count("\n") >= DRAFT_LINES


def _shown_draft(draft: AlertDraft | None) -> AlertDraft | None:
    if draft is None:
        return None
    reasons = tuple(inert(one_line(one, REASON_LIMIT)) for one in draft.reasons[:REASONS_SHOWN])
    return replace(draft, text=draft_text(draft.text), reasons=reasons)


def _can_be_offered(offer: AlertOffer, draft: AlertDraft | None) -> bool:
    """A known command behind a whole link; and nobody is asked to send what he does not see or may not."""
    if offer.action not in ACTIONS or not _LINK.fullmatch(offer.link):
        return False
    return offer.action != "approve" or (draft is not None and draft.ready and not is_long(draft.text))


def _case(case: AlertCase, shop_name: str) -> AlertCase:
    orders = tuple(one for one in map(order_id, case.order_ids[: ORDERS_LIMIT * _SLACK]) if one)
    shown = _shown_draft(case.draft)
    return replace(
        case,
        kind=one_line(case.kind, NAME_LIMIT),
        buyer_name=buyer_name(case.buyer_name, shop_name),
        order_ids=orders[:ORDERS_LIMIT],
        excerpt=excerpt(case.excerpt),
        draft=shown,
        advice=tuple(one_line(one, REASON_LIMIT) for one in case.advice[:ADVICE_SHOWN]),
        offers=tuple(one for one in case.offers if _can_be_offered(one, shown))[:OFFERS_SHOWN],
    )


def _event(event: AlertEvent) -> AlertEvent:
    return replace(event, detail=inert(one_line(event.detail, DETAIL_LIMIT)))


def alert(context: AlertContext) -> AlertContext:
    """The same context with nothing in it that could deceive the owner's eye or mail program."""
    return replace(
        context,
        shop_name=inert(one_line(context.shop_name, SHOP_NAME_LIMIT)),
        label=None if context.label is None else one_line(context.label, NAME_LIMIT),
        cases=tuple(_case(case, context.shop_name) for case in context.cases),
        events=tuple(map(_event, context.events)),
    )


def answer(context: AnswerContext) -> AnswerContext:
    """The same context with nothing in it that could deceive the owner's eye or mail program."""
    earlier = _shown_draft(context.earlier_draft)
    offer = context.earlier_offer
    return replace(
        context,
        shop_name=inert(one_line(context.shop_name, SHOP_NAME_LIMIT)),
        detail=inert(one_line(context.detail, REASON_LIMIT)),
        case=None if context.case is None else _case(context.case, context.shop_name),
        earlier_draft=earlier,
        earlier_offer=offer if offer is not None and _can_be_offered(offer, earlier) else None,
    )
