"""Proof of origin, and which domains are Amazon's."""

from __future__ import annotations

import json
import time
from pathlib import Path

import authres
import pytest
from hypothesis import given
from hypothesis import strategies as st

from parsers.authenticity import NO_AUTHSERV_ID, amazon_domain, is_aligned, judge
from parsers.mime import parse_mime
from parsers.values import MARKETPLACES, Authenticity

SAMPLES = sorted((Path(__file__).parents[2] / "data" / "samples").glob("*.eml"))
HOST = "mx.shop.example"
ALIAS = "abc12345+1@marketplace.amazon.co.jp"
PASS = "dkim=pass header.d=amazon.co.jp; dmarc=pass header.from=marketplace.amazon.co.jp"
FAIL = "dkim=fail header.d=amazon.co.jp; dmarc=fail header.from=marketplace.amazon.co.jp"
MICROSOFT = (
    "spf=pass (sender IP is 192.0.2.1) smtp.mailfrom=bounces.amazon.co.jp; dkim=pass (signature was verified)"
    " header.d=amazon.co.jp;dmarc=pass action=none header.from=amazon.co.jp;compauth=pass reason=100"
)


def verdict(*results: str, sender: str = ALIAS, host: str | None = HOST) -> Authenticity:
    """The verdict on a mail with these Authentication-Results, topmost first."""
    head = "".join(f"Authentication-Results: {result}\n" for result in results)
    return judge(parse_mime(f"{head}From: {sender}\n\n".encode()), host)[0]


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.stem)
def test_samples_are_judged_as_expected(sample: Path) -> None:
    """The verdict on each sample is the one beside it."""
    expected = json.loads(sample.with_suffix(".json").read_text("utf-8")).get("authenticity")
    mail = parse_mime(sample.read_bytes())
    if expected is not None:
        assert judge(mail, HOST)[0] == expected
    assert judge(mail, None)[0] == "none"


@pytest.mark.parametrize(
    "results",
    [
        PASS,
        "dkim=pass header.d=amazon.co.jp",
        "dkim=pass header.d=marketplace.amazon.co.jp",
        "dkim=pass header.d=bounces.amazon.co.jp",
        "dkim=pass header.i=@amazon.co.jp header.s=x header.b=a/b=c=",
        'dkim=pass (2048-bit key; x) header.d="amazon.co.jp"',
        "dkim=fail header.d=amazonses.com; dkim=pass header.d=amazon.co.jp",
        "dmarc=pass (p=QUARANTINE dis=NONE) header.from=marketplace.amazon.co.jp",
        "dkim=none; DMARC = Pass  header.from = Marketplace.Amazon.co.jp",
        "dkim/1=pass header.d=amazon.co.jp",
        "spf=fail smtp.mailfrom=x; dkim=pass header.d=amazon.co.jp; dmarc=fail header.from=x.example",
    ],
)
def test_an_aligned_pass_proves(results: str) -> None:
    """DKIM of Amazon's domain of that marketplace, or DMARC of the very From domain."""
    assert verdict(f"{HOST}; {results}") is Authenticity.PASS
    assert verdict(f"MX.shop.EXAMPLE 1; {results}") is Authenticity.PASS


@pytest.mark.parametrize(
    "results",
    [
        FAIL,
        "dkim=fail",
        "dmarc=fail",
        "dkim=hardfail header.d=amazon.co.jp",
        "dkim=pass header.d=evil.example; dmarc=fail header.from=marketplace.amazon.co.jp",
        "dkim=pass header.d=co.jp; dmarc=fail",
        "dkim=pass header.d=amazon.com; dmarc=fail",
    ],
)
def test_a_failure_without_an_aligned_pass_fails(results: str) -> None:
    """Another domain's pass does not outweigh a failure."""
    assert verdict(f"{HOST}; {results}") is Authenticity.FAIL


@pytest.mark.parametrize(
    "results",
    [
        "none",
        "",
        "dkim=temperror header.d=amazon.co.jp",
        "dkim=permerror; dmarc=permerror",
        "dkim=neutral header.d=amazon.co.jp",
        "dkim=policy; dmarc=none",
        "spf=fail smtp.mailfrom=bounces.amazon.co.jp",
        "spf=pass smtp.mailfrom=bounces.amazon.co.jp",
        "dkim=pass",
        "dkim=pass header.d=evil.example",
        "dkim=pass header.d=amazon.co.jp.evil.example",
        "dkim=pass header.d=xamazon.co.jp",
        "dkim=pass header.d=co.jp",
        "dkim=pass header.d=amazon.co.jp header.d=evil.example",
        "dmarc=pass header.from=amazon.co.jp",
        "dmarc=pass",
        "xdkim=pass header.d=amazon.co.jp",
        "x=y dkim=pass header.d=amazon.co.jp",
    ],
)
def test_everything_else_proves_nothing(results: str) -> None:
    """Errors, other methods and other domains neither prove nor accuse."""
    assert verdict(f"{HOST}; {results}") is Authenticity.NONE


@pytest.mark.parametrize(
    "results",
    [
        'spf=pass smtp.mailfrom="x; dkim=pass header.d=amazon.co.jp"@evil.example',
        r'spf=pass smtp.mailfrom="x\"; dkim=pass header.d=amazon.co.jp"@evil.example',
        "spf=pass (domain of x; dkim=pass header.d=amazon.co.jp; y) smtp.mailfrom=evil.example",
        "spf=pass (a (b; dkim=pass header.d=amazon.co.jp) c) smtp.mailfrom=evil.example",
        'spf=pass (of "a); dkim=pass header.d=amazon.co.jp (b"@evil.example)',
        "spf=pass (of a)); dkim=pass header.d=amazon.co.jp",
        "spf=pass (of a; dkim=pass header.d=amazon.co.jp",
        r"spf=pass (of \); dkim=pass header.d=amazon.co.jp)",
        'spf=pass reason="; dkim=pass header.d=amazon.co.jp',
    ],
)
def test_what_the_sender_said_of_himself_proves_nothing(results: str) -> None:
    """Quoted strings and comments hold the forger's words and are no results."""
    assert verdict(f"{HOST}; {results}") is Authenticity.NONE


def test_only_the_topmost_header_of_the_host_counts() -> None:
    """A forger's own header stands below the host's."""
    assert verdict(f"{HOST}; {FAIL}", f"{HOST}; {PASS}") is Authenticity.FAIL
    assert verdict(f"{HOST}; none", f"{HOST}; {PASS}") is Authenticity.NONE
    assert verdict(f"other.example; {FAIL}", f"{HOST}; {PASS}", f"{HOST}; {FAIL}") is Authenticity.PASS


@pytest.mark.parametrize(
    "name", ["evil.example", f"{HOST}.evil.example", f"x{HOST}", "", "a b", f"({HOST})", f'"{HOST}"']
)
def test_other_hosts_are_not_believed(name: str) -> None:
    """The host's name must be the configured one."""
    assert verdict(f"{name}; {PASS}", host=HOST) is (
        Authenticity.PASS if name == f'"{HOST}"' else Authenticity.NONE
    )


@pytest.mark.parametrize("host", [None, "", " "])
def test_without_a_host_nobody_is_believed(host: str | None) -> None:
    """No setting, no proof."""
    assert verdict(f"{HOST}; {PASS}", f"; {PASS}", host=host) is Authenticity.NONE


def test_results_without_a_host_need_their_own_setting() -> None:
    """Microsoft 365 names no host: believed only if configured so, and only as the topmost header."""
    sender = "auto-communication@amazon.co.jp"
    assert verdict(MICROSOFT, sender=sender, host=NO_AUTHSERV_ID) is Authenticity.PASS
    assert verdict(MICROSOFT, sender=sender, host=HOST) is Authenticity.NONE
    assert verdict(f"{HOST}; none", MICROSOFT, sender=sender, host=NO_AUTHSERV_ID) is Authenticity.NONE
    assert verdict(sender=sender, host=NO_AUTHSERV_ID) is Authenticity.NONE


@pytest.mark.parametrize(
    "sender", [f"{ALIAS}, x@evil.example", f"{ALIAS}\nFrom: x@evil.example", "nobody", ""]
)
def test_without_exactly_one_sender_nothing_is_proven(sender: str) -> None:
    """Two senders never pass, and still can fail."""
    assert verdict(f"{HOST}; {PASS}", sender=sender) is Authenticity.NONE
    assert verdict(f"{HOST}; {FAIL}", sender=sender) is Authenticity.FAIL


def test_the_reason_names_the_domain() -> None:
    """A person can see what was believed."""
    mail = parse_mime(f"Authentication-Results: {HOST}; {PASS}\nFrom: {ALIAS}\n\n".encode())
    assert judge(mail, HOST)[1] == "dkim passed for amazon.co.jp"


@pytest.mark.parametrize(
    ("domain", "marketplace"),
    [
        *((f"amazon.{end}", end) for end in sorted(MARKETPLACES)),
        ("marketplace.amazon.co.jp", "co.jp"),
        ("bounces.amazon.com", "com"),
        ("email.amazon.de", "de"),
        ("Marketplace.AMAZON.Co.Jp", "co.jp"),
        ("sellercentral-japan.amazon.com", "com"),
        ("a.b.amazon.com.be", "com.be"),
    ],
)
def test_amazons_domains(domain: str, marketplace: str) -> None:
    """All marketplaces and all that is below them."""
    assert amazon_domain(domain) == marketplace


@pytest.mark.parametrize(
    "domain",
    [
        None,
        "",
        "amazon",
        "co.jp",
        "amazonses.com",
        "ap-northeast-1.amazonses.com",
        "amazonaws.com",
        "xamazon.co.jp",
        "x-amazon.co.jp",
        "amazon.co.jp.evil.example",
        "amazon.co.jp.",
        ".amazon.co.jp",
        "a..amazon.co.jp",
        "amazon.evil",
        "amazon.jp",
        "amazon.co.jp\n",
        "amazon.co.jp@evil.example",
        "xn--amazon-abc.co.jp",
        "xn--80a.amazon.co.jp",
        "\u0430mazon.co.jp",
        "a." * 200 + "amazon.co.jp",
    ],
)
def test_what_only_looks_like_amazon(domain: str | None) -> None:
    """Labels are compared whole."""
    assert amazon_domain(domain) is None


@pytest.mark.parametrize(
    ("signer", "sender", "aligned"),
    [
        ("tool.example", "tool.example", True),
        ("tool.example", "mail.tool.example", True),
        ("mail.tool.example", "tool.example", True),
        ("ool.example", "tool.example", False),
        ("example", "tool.example", False),
        ("co.uk", "tool.co.uk", False),
        ("tool.co.uk", "x.tool.co.uk", True),
        ("", "", False),
        ("amazon.co.jp", "marketplace.amazon.co.jp", True),
        ("amazon.com", "amazon.co.jp", False),
        ("evil.example", "amazon.co.jp", False),
        ("amazon.co.jp", "amazon.co.jp.evil.example", False),
    ],
)
def test_alignment(signer: str, sender: str, aligned: bool) -> None:
    """Relaxed alignment goes up and down one domain, never through a public suffix."""
    assert is_aligned(signer, sender) is aligned


@pytest.mark.parametrize(
    "header",
    [
        f"{HOST}; {PASS}",
        f"{HOST}; {FAIL}",
        f"{HOST}; none",
        f"{HOST}; dkim=pass (x (y)) header.d=amazon.co.jp header.s=s; spf=pass smtp.mailfrom=a@b.example",
        f'{HOST} 1; dkim=neutral reason="a; dkim=pass header.d=amazon.co.jp"',
    ],
)
def test_a_strict_reader_agrees(header: str) -> None:
    """What the reference library can read, we read alike."""
    strict = authres.AuthenticationResultsHeader.parse(f"Authentication-Results: {header}")
    passed = any(
        each.method == "dkim"
        and each.result == "pass"
        and any(prop.name == "d" and prop.value == "amazon.co.jp" for prop in each.properties)
        for each in strict.results
    )
    assert (verdict(header) is Authenticity.PASS) is passed


@pytest.mark.parametrize("unit", ['"', '"\\', "(", "\\", ";", "=", " = ", "a=b;", "( ) "])
def test_hostile_headers_cost_little(unit: str) -> None:
    """A header of any length is read in bounded time."""
    started = time.process_time()
    verdict(f"{HOST}; {unit * 100_000}")
    assert time.process_time() - started < 20


@given(
    st.text(alphabet=st.sampled_from('ab.;=()"\\ \t')) | st.text(),
    st.text() | st.sampled_from([HOST, NO_AUTHSERV_ID]),
)
def test_no_header_raises(results: str, host: str) -> None:
    """Every header gets a verdict."""
    assert verdict(f"{HOST}; {results}", results, host=host) in Authenticity


@given(st.text() | st.from_regex(r"[a-z.]{0,10}amazon\.[a-z.]{0,6}"))
def test_amazons_domains_end_like_amazon(domain: str) -> None:
    """Whatever is recognised ends in a marketplace domain on a label's boundary."""
    marketplace = amazon_domain(domain)
    if marketplace is not None:
        assert f".{domain.lower()}".endswith(f".amazon.{marketplace}")


@pytest.mark.parametrize(
    "statements",
    [
        'dkim=pass header.d=a"b.evil.example; spf=fail smtp.mailfrom=x@marketplace.amazon.co.jp',
        'dkim=pass header.d="evil.example; spf=fail smtp.mailfrom=x@marketplace.amazon.co.jp"',
        'dkim=pass header.d=evil.example" smtp.mailfrom=".marketplace.amazon.co.jp',
        'dkim=pass header.d="evil.example.amazon.co.jp',
        'dkim=pass header.d="evil.example (".amazon.co.jp',
    ],
)
def test_a_quotation_joins_no_two_names_to_one(statements: str) -> None:
    """What the sender made the host write must not end up behind another domain."""
    assert verdict(f"{HOST}; {statements}") is not Authenticity.PASS


def test_a_quoted_name_is_believed() -> None:
    """A host may quote a value that needs no quotes."""
    assert verdict(f'{HOST}; dkim=pass reason="all (is) well" header.d="amazon.co.jp"') is Authenticity.PASS
