"""``sokuresu parse``: what the program would make of saved mails, without any account."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from parsers.reading import read
from parsers.values import Authenticity, BuyerAlias, Kind, Refusal, Trust

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import date

    from parsers.values import Fulfilment, Reading

_KINDS = {
    Kind.BUYER_MESSAGE: "購入者からのメッセージ",
    Kind.REPLY_COPY: "送信したメッセージの控え",
    Kind.DELIVERY_FAILURE: "購入者に届かなかったお知らせ",
    Kind.RETURN_REQUEST: "返品リクエスト",
    Kind.REFUND: "返金のお知らせ",
    Kind.CANCELLATION_REQUEST: "キャンセルリクエスト",
    Kind.CLAIM: "マーケットプレイス保証の申請",
    Kind.FEEDBACK: "出品者の評価",
    Kind.ORDER_NOTICE: "注文のお知らせ",
    Kind.AMAZON_NOTICE: "Amazonのその他のお知らせ",
    Kind.UNRECOGNISED_AMAZON: "読み取れないAmazonからのメール",
    Kind.UNRELATED: "関係のないメール",
}
_PROOFS = {
    Authenticity.PASS: "送信元を確認できました",
    Authenticity.FAIL: "なりすましの疑いがあります",
    Authenticity.NONE: "送信元を確認できません",
}
_REFUSALS = {
    Refusal.NOT_A_BUYER_MESSAGE: "購入者からのメッセージではありません",
    Refusal.FORGED: "なりすましの疑いがあります",
    Refusal.NOT_PROVEN: "送信元を確認できません",
    Refusal.SEVERAL_SENDERS: "差出人が複数あります",
    Refusal.AUTOMATIC: "自動返信です",
    Refusal.RELAYED: "Amazonカスタマーサービスが取り次いだものです",
    Refusal.THANKS: "お礼だけの内容です",
}
_CONFIDENCES = {"seen": "実物で確認済み", "secondary": "伝聞による", "assumed": "推定による"}
_LABELS = {
    "order_ids": "注文番号 (order)",
    "mentioned_order_ids": "本文中の注文番号 (mentioned)",
    "buyer_name": "購入者 (buyer)",
    "buyer_alias": "返信先 (alias)",
    "message_key": "メッセージ番号 (key)",
    "rating": "評価 (rating)",
    "reason": "理由 (reason)",
    "fulfilment": "出荷元 (fulfilment)",
    "ordered_on": "注文日 (ordered)",
    "shipped_on": "出荷日 (shipped)",
    "delivered_on": "配達日 (delivered)",
    "intent": "内容 (intent)",
    "text": "本文 (text)",
}
_FIELDS = (
    "file", "kind", "marketplace", "order_ids", "mentioned_order_ids", "buyer_alias", "buyer_key", "case_key",
    "message_key", "buyer_name", "asins", "text", "rating", "reason", "relayed", "auto_reply", "authenticity",
    "may_acknowledge", "refusals", "intent", "intent_confident", "rule", "error",
    "fulfilment", "ordered_on", "shipped_on", "delivered_on",
)  # fmt: skip
_FULFILMENTS = {"fba": "FBA (fba)", "own": "自社出荷 (own)"}
_DAYS = ("ordered_on", "shipped_on", "delivered_on")
_LISTS = frozenset({"order_ids", "mentioned_order_ids", "asins", "refusals"})
_FLAGS = frozenset({"relayed", "auto_reply", "may_acknowledge", "intent_confident"})


@click.command("parse")
@click.option(
    "--json", "as_json", is_flag=True, help="1 行に 1 通、JSON で出力します (one JSON object a line)."
)
@click.option(
    "--authserv-id",
    metavar="HOST",
    help="信頼する Authentication-Results のホスト名 (whose results are believed; nobody's without it).",
)
@click.argument("files", nargs=-1, required=True, metavar="FILE…", type=click.Path())
@click.pass_context
def command(
    context: click.Context, files: tuple[str, ...], *, as_json: bool, authserv_id: str | None
) -> None:
    """保存したメールをどう読み取るかを表示します (show how saved mails are read).

    No network, no database and no clock are used.
    """
    trust = Trust(authserv_id=authserv_id or None)
    failed = False
    for file in files:
        record, reading = _examine(file, trust)
        failed = failed or reading is None
        click.echo(
            json.dumps(record, ensure_ascii=False) if as_json else "\n".join(_summary(record, reading))
        )
    if failed:
        context.exit(1)


def record_of(file: str, reading: Reading) -> dict[str, Any]:
    """Everything that one mail says as plain values; absent is None, False or an empty list.

    Args:
        file: the name under which the mail was given.
        reading: what was read.
    """
    told = reading.notification
    alias = getattr(told, "alias", None)
    known = {
        "file": file,
        "kind": reading.kind.value,
        "marketplace": told.frame.marketplace,
        "order_ids": list(told.frame.order_ids),
        "rule": told.frame.rule,
        "auto_reply": reading.auto_reply,
        "authenticity": reading.authenticity.value,
        "may_acknowledge": reading.may_acknowledge,
        "refusals": [refusal.value for refusal in reading.refusals],
        "intent": reading.intent.intent.value if reading.intent else None,
        "intent_confident": reading.intent is not None and reading.intent.confident,
        **_of_alias(alias),
    }
    return _blank() | _of_notification(told) | known


def _of_notification(told: object) -> dict[str, Any]:
    """The fields that only some kinds have."""
    plain = {
        name: getattr(told, name, None) for name in ("message_key", "buyer_name", "text", "rating", "reason")
    }
    lists = {name: list(getattr(told, name, ())) for name in ("asins", "mentioned_order_ids")}
    days = {
        name: _printed(getattr(told, name, None)) for name in ("ordered_on", "shipped_on", "delivered_on")
    }
    fulfilment: Fulfilment | None = getattr(told, "fulfilment", None)
    shipping = {"fulfilment": fulfilment.value if fulfilment else None}
    return {**plain, **lists, **days, **shipping, "relayed": getattr(told, "relayed", False)}


def _printed(day: date | None) -> str | None:
    """A day as year, month and day with dashes."""
    return day.isoformat() if day else None


def _of_alias(alias: BuyerAlias | None) -> dict[str, str | None]:
    """The three names of a buyer's address."""
    if alias is None:
        return {}
    return {"buyer_alias": alias.address, "buyer_key": alias.buyer_key, "case_key": alias.case_key}


def _blank() -> dict[str, Any]:
    """All fields in their order, absent."""
    return {name: [] if name in _LISTS else False if name in _FLAGS else None for name in _FIELDS}


def _examine(file: str, trust: Trust) -> tuple[dict[str, Any], Reading | None]:
    """The record of one file, and its reading if the file could be read."""
    try:
        reading = read(Path(file).read_bytes(), trust)
    except (OSError, ValueError) as error:
        said = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        return _blank() | {"file": click.format_filename(file), "error": said}, None
    return record_of(click.format_filename(file), reading), reading


def _summary(record: Mapping[str, Any], reading: Reading | None) -> Iterator[str]:
    """The same for a person: Japanese first, the names of the record in brackets."""
    yield record["file"]
    if reading is None:
        yield f"  読めません (error): {record['error']}"
        return
    confidence = reading.notification.frame.confidence
    yield f"  種類 (kind): {_KINDS[reading.kind]} ({record['kind']})"
    yield f"  規則 (rule): {record['rule']}{_in_words(confidence)}"
    why = _printable(reading.authenticity_reason)
    proof = f"{_PROOFS[reading.authenticity]} ({record['authenticity']}) {why}"
    yield f"  証明 (proof): {proof.rstrip()}"
    yield from _facts(record)
    yield f"  受付確認 (acknowledge): {'送れます (yes)' if record['may_acknowledge'] else '送りません (no)'}"
    yield from (f"    - {_REFUSALS[refusal]} ({refusal.value})" for refusal in reading.refusals)


def _in_words(confidence: str | None) -> str:
    """How well a rule is founded, behind its name."""
    return f" — {_CONFIDENCES[confidence]} ({confidence})" if confidence else ""


def _facts(record: Mapping[str, Any]) -> Iterator[str]:
    """The fields that this mail has."""
    for name, label in _LABELS.items():
        value = record[name]
        if value:
            shown = " ".join(value) if isinstance(value, list) else str(value)
            shown = _FULFILMENTS[shown] if name == "fulfilment" else shown
            yield f"  {label}: " + _printable(shown).replace("\n", "\n    ")


def _printable(text: str) -> str:
    """The text without the characters by which a stranger's mail could steer a terminal."""
    return "".join(letter for letter in text if letter.isprintable() or letter in "\n\u3000")
