"""Why a mail is proven or not, in the owner's language."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from templates import proofs
from templates.proofs import explain_proof

PARSERS = Path(__file__).parents[3] / "parsers"
SOURCES = [(PARSERS / f"{name}.py").read_text("utf-8") for name in ("authenticity", "signatures")]
SPOKEN = re.compile(r'f?"((?:\{[^}"]+\} )?(?:it|its|the|a|no|nothing|only|too|there|DNS|our)\b [^"\n]{8,})"')


def test_every_reason_of_the_parsers_is_translated():
    """No phrase of theirs is left in English, and none is translated that they do not use."""
    said = {found for source in SOURCES for found in SPOKEN.findall(source)}
    plain = {re.sub(r"\{[^}]*\}", "x", one) for one in said} | {"dkim passed for x"}
    assert len(plain) > 20
    assert [one for one in plain if explain_proof(one, "ja").startswith(one[:9])] == []
    whole = "".join(SOURCES)
    known = [english for english, _ in proofs._JAPANESE if not english.startswith(("dkim", "dmarc"))]
    assert [english for english in known if english not in whole] == []


@pytest.mark.parametrize(
    ("reason", "japanese"),
    [
        ("its signature does not fit: amazon.co.jp", "署名が合いません: amazon.co.jp"),
        (
            "no result of the trusted host; it carries no DKIM signature",
            "設定した authserv_id のサーバーによる認証結果がありません。DKIMの署名がありません",
        ),
        (
            "nothing passed for amazon.co.jp, and dkim failed",
            "差出人のドメインについて合格した認証がありません: amazon.co.jp。DKIMの確認に失敗しました",
        ),
        ("something else", "something else"),
        ("", ""),
    ],
)
def test_reasons_in_japanese(reason, japanese):
    """What a phrase is about stays, and what nobody knows is shown as it is."""
    assert explain_proof(reason, "ja") == japanese
    assert explain_proof(reason, "en") == reason


def test_a_reason_is_one_short_line():
    """A domain in it is the sender's word."""
    shown = explain_proof("nothing passed for a\nb\x1b[2J" + "x" * 900, "ja")
    assert shown.isprintable()
    assert len(shown) < 300
