"""Our own check of DKIM signatures: what it takes for proof, what accuses, and what shows nothing."""

from __future__ import annotations

import base64
import time
from datetime import UTC, datetime, timedelta

import dkim
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from parsers.authenticity import NO_AUTHSERV_ID
from parsers.mime import parse_mime
from parsers.owner_mail import read_owner_mail
from parsers.reading import read
from parsers.signatures import SIGNATURES_READ, check
from parsers.values import Authenticity, FeedbackRule, Trust
from tests.beds.attacks import ATTACKS, CAME, amazon_mail, on_top
from tests.beds.signing import AMAZON_SIGNS, SELECTOR, Zone, sign, signing_key, zone_of
from tests.unit.parsers.mails import HOST, bounce, ordinary

SIGNED = sign(amazon_mail())
GOOD = "our own check found a good signature: amazon.co.jp"
ALIAS_DOMAIN = "marketplace.amazon.co.jp"


def verdict(content, zone=None, received_at=CAME):
    """What our own check says of a mail."""
    return check(content, parse_mime(content), zone or zone_of(), received_at)


def seconds(moment):
    return str(int(moment.timestamp()))


@pytest.mark.parametrize(
    "form", ["relaxed/simple", "relaxed/relaxed", "simple/simple", "simple/relaxed", "relaxed"]
)
def test_a_good_signature_of_amazons_proves(form):
    """In every canonical form, with the headers that Amazon names and the keys that it uses."""
    assert verdict(sign(amazon_mail(), form=form)) == (Authenticity.PASS, GOOD)


def test_another_program_signs_alike():
    """What dkimpy itself signs by its own defaults is taken as well."""
    mail = amazon_mail()
    names = [name.encode() for name in AMAZON_SIGNS]
    made = dkim.sign(
        mail, SELECTOR.encode(), b"amazon.co.jp", signing_key(1024).private, include_headers=names
    )
    assert verdict(made + mail, received_at=datetime.now(UTC))[0] is Authenticity.PASS


@pytest.mark.parametrize("domain", ["amazon.co.jp", ALIAS_DOMAIN, "bounces.amazon.co.jp"])
def test_all_domains_of_one_marketplace_speak_for_it(domain):
    """The parent signs for the alias, as DMARC's relaxed alignment has it; all of them are Amazon's."""
    assert verdict(sign(amazon_mail(), domain=domain), zone_of(domain))[0] is Authenticity.PASS


@pytest.mark.parametrize("bits", [1024, 2048])
def test_keys_of_usual_size(bits):
    """1024 bits are what Amazon uses."""
    assert verdict(sign(amazon_mail(), bits=bits), zone_of(bits=bits))[0] is Authenticity.PASS


def test_lines_may_end_as_a_file_ends_them():
    """A saved mail whose lines lost their carriage returns keeps its signature."""
    assert verdict(sign(amazon_mail()).replace(b"\r\n", b"\n"))[0] is Authenticity.PASS


def test_a_good_signature_outweighs_all_others():
    """A foreign and a spoilt one beside it change nothing."""
    mail = sign(amazon_mail())
    for tags in ({"domain": "amazonses.com"}, {"bh": base64.b64encode(b"x" * 32).decode()}):
        mail = sign(mail, **tags)
    assert verdict(mail) == (Authenticity.PASS, GOOD)


def test_only_the_first_signatures_are_looked_at():
    """A heap of them costs no more than a few, and proves nothing if the good one lies below."""
    zone = zone_of()
    heap = b"".join(
        sign(amazon_mail(), bh="AAAA", s=f"s{number}").partition(b"From:")[0]
        for number in range(SIGNATURES_READ)
    )
    assert verdict(heap + sign(amazon_mail()), zone)[0] is Authenticity.NONE
    assert len(zone.asked) == SIGNATURES_READ


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.name)
def test_attacks(attack):
    """Every trick is refused, and the reason says which."""
    found, reason = verdict(attack.content, attack.zone, attack.received_at)
    assert (found, attack.reason in reason) == (attack.verdict, True), reason


@pytest.mark.parametrize(
    ("record", "reason"),
    [
        (b"v=DKIM1; k=rsa; p=", "withdrawn"),
        (b"v=DKIM1; k=rsa", "withdrawn"),
        (b"", "withdrawn"),
        (b"v=DKIM2; p=%s", "cannot be used"),
        (b"k=ed25519; p=%s", "cannot be used"),
        (b"h=sha1; p=%s", "cannot be used"),
        (b"s=tlsrpt; p=%s", "cannot be used"),
        (b"t=y; p=%s", "is a test"),
        (b"t=s:y; p=%s", "is a test"),
        (b"p=AAAA", "cannot be used"),
        (b"p=!!", "cannot be used"),
        (b"nonsense", "cannot be read"),
        (b"p=%s;" + b" n=x;" * 2000, "cannot be used"),
        (b"\xff\xfe", "cannot be read"),
    ],
)
def test_records_that_are_no_key(record, reason):
    """Nothing is proven by a key that its owner withdrew, tests, or made for something else."""
    public = base64.b64encode(signing_key(1024).public)
    zone = zone_of(record=record.replace(b"%s", public))
    found, why = verdict(sign(amazon_mail()), zone)
    assert (found, reason in why) == (Authenticity.NONE, True), why


@pytest.mark.parametrize(
    "record", [b"p=%s", b"v=DKIM1; p=%s;", b"s=*; p=%s", b"s=other:email; h=sha1:sha256; t=s; p=%s; n=note"]
)
def test_records_that_are_a_key(record):
    """All but the key itself may be left out."""
    public = base64.b64encode(signing_key(1024).public)
    assert verdict(sign(amazon_mail()), zone_of(record=record.replace(b"%s", public)))[0] is Authenticity.PASS


def test_a_strict_key_wants_its_own_domain():
    """With t=s an identity of a subdomain is not spoken for."""
    zone = zone_of(record=signing_key(1024).record + b"; t=s")
    assert verdict(sign(amazon_mail(), i="@amazon.co.jp"), zone)[0] is Authenticity.PASS
    assert verdict(sign(amazon_mail(), i="@x.amazon.co.jp"), zone)[0] is Authenticity.NONE


@pytest.mark.parametrize(
    ("tags", "received_at", "found"),
    [
        ({"x": seconds(CAME + timedelta(hours=1))}, CAME, Authenticity.PASS),
        ({"x": seconds(CAME)}, CAME, Authenticity.PASS),
        ({"x": seconds(CAME - timedelta(seconds=1))}, CAME, Authenticity.NONE),
        ({"x": seconds(CAME + timedelta(days=9))}, None, Authenticity.NONE),
        ({"x": "9" * 12}, CAME, Authenticity.PASS),
        ({"t": seconds(CAME - timedelta(days=400))}, CAME, Authenticity.PASS),
        ({"t": seconds(CAME + timedelta(hours=9))}, CAME, Authenticity.PASS),
        ({"t": seconds(CAME + timedelta(hours=11))}, CAME, Authenticity.NONE),
        ({"t": seconds(CAME)}, None, Authenticity.PASS),
    ],
)
def test_times(tags, received_at, found):
    """A signature is judged by when the mail came, never by when it is looked at."""
    assert verdict(sign(amazon_mail(), **tags), received_at=received_at)[0] is found


def test_no_dns_is_no_bad_signature():
    """A dead DNS neither proves nor accuses, even of a mail that was changed."""
    spoilt = sign(amazon_mail()).replace(b"Subject: ", b"Subject: x")
    for mail in (sign(amazon_mail()), spoilt):
        assert verdict(mail, Zone(dead=True)) == (Authenticity.NONE, "DNS did not answer: amazon.co.jp")


def test_only_the_senders_domain_is_asked_for():
    """Nobody makes us ask name servers of his own."""
    zone = zone_of()
    verdict(sign(sign(amazon_mail()), domain="evil.example"), zone)
    assert zone.asked == [f"{SELECTOR}._domainkey.amazon.co.jp"]


# When the check is made at all


def proof(content, trust, received_at=CAME):
    reading = read(content, trust, received_at)
    return reading.authenticity, reading.authenticity_reason


@pytest.mark.parametrize("host", [None, HOST, NO_AUTHSERV_ID])
def test_it_is_made_where_no_believed_host_wrote_a_result(host):
    """Without a host, or with one that is silent."""
    mail = on_top(sign(amazon_mail()), "Authentication-Results: other.example; dkim=fail")
    assert proof(mail, Trust(host, keys=zone_of())) == (Authenticity.PASS, GOOD)


@pytest.mark.parametrize("result", ["none", "dkim=temperror", "dkim=fail header.d=amazon.co.jp"])
def test_it_is_never_made_where_the_host_spoke(result):
    """The host saw the mail as it came; DNS is not even asked."""
    zone = zone_of()
    mail = on_top(sign(amazon_mail()), f"Authentication-Results: {HOST}; {result}")
    assert proof(mail, Trust(HOST, keys=zone))[0] is not Authenticity.PASS
    assert zone.asked == []


def test_the_silence_of_the_host_is_told():
    """For its name may be misspelt in the configuration."""
    trust = Trust(HOST, keys=zone_of())
    assert proof(amazon_mail(), trust)[1] == "no result of the trusted host; it carries no DKIM signature"


def test_without_keys_nothing_is_checked():
    """Then all is as it was."""
    mail = sign(amazon_mail())
    assert proof(mail, Trust()) == (Authenticity.NONE, "no host is configured whose results are believed")
    assert proof(mail, Trust(HOST)) == (Authenticity.NONE, "no result of the trusted host")


def test_strangers_are_not_checked():
    """A bounce of another provider and mail that is none of ours cost no question to their name servers."""
    zone = zone_of("shop.example", "evil.example")
    for mail in (bounce("x@y.example"), ordinary("x@evil.example", "x", "x")):
        read(sign(mail, domain="evil.example"), Trust(keys=zone), CAME)
    assert zone.asked == []


def test_senders_of_feedback_are_checked():
    """The seller's own tool may sign its notices."""
    trust = Trust(None, (FeedbackRule("alerts@tool.example", rating=r"(\d) star"),), zone_of("tool.example"))
    notice = ordinary("alerts@tool.example", "feedback", "2 star")
    headers = (*AMAZON_SIGNS, "content-transfer-encoding")
    assert proof(sign(notice, domain="tool.example", headers=headers), trust)[0] is Authenticity.PASS
    assert proof(sign(notice, domain="tool.example"), trust)[1].startswith("a header is not signed")


def test_the_owners_commands_are_checked():
    """The owner's provider signs too, and a command that was changed on its way is noticed."""
    trust = Trust(keys=zone_of("shop.example"))
    headers = (*AMAZON_SIGNS, "content-transfer-encoding")
    command = sign(ordinary("owner@shop.example", "x", "x"), domain="shop.example", headers=headers)
    assert read_owner_mail(command, trust, CAME).authenticity is Authenticity.PASS
    assert read_owner_mail(command + b"x", trust, CAME).authenticity is Authenticity.FAIL


def test_what_is_believed_is_not_shown_with_the_trust():
    """The look-up is no value: it takes part neither in the representation nor in comparisons."""
    assert "keys" not in repr(Trust(keys=zone_of()))
    assert Trust(HOST, keys=zone_of()) == Trust(HOST)


# Cost and hostility


@pytest.mark.parametrize("form", ["relaxed/simple", "simple/relaxed"])
@pytest.mark.parametrize("unit", [b" ", b" \t", b"\r\n", b" \r\n", b"a ", b"\r", b"=\r\n"])
def test_hostile_bodies_cost_little(unit, form):
    """Time grows with the length alone: the square of it would take minutes."""
    head = sign(amazon_mail(), form=form).partition(b"\r\n\r\n")[0]
    mail = head + b"\r\n\r\n" + unit * (300_000 // len(unit)) + b"x"
    read_mail = parse_mime(head + b"\r\n\r\n")
    started = time.process_time()
    assert check(mail, read_mail, zone_of(), CAME)[0] is not Authenticity.PASS
    assert time.process_time() - started < 5


@pytest.mark.parametrize(
    "line",
    [
        b"X: " + b"a\r\n " * 20_000,
        b"X: " + b" \r\n " * 20_000,
        b"X: 1\r\n" * 30_000,
        b"DKIM-Signature: v=1; b=" + b" \r\n " * 15_000 + b"; d=amazon.co.jp",
        b"DKIM-Signature: " + b"a=1;" * 15_000,
        b"DKIM-Signature: h=" + b"a:" * 30_000,
        b"DKIM-Signature: v=1; a=rsa-sha256; d=amazon.co.jp; s=s; bh=AAAA; b=AAAA; h=" + b"from:" * 90,
    ],
)
def test_hostile_heads_cost_little(line):
    """Neither long headers nor many of them take time."""
    mail = on_top(sign(amazon_mail()), line)
    read_mail = parse_mime(mail)
    started = time.process_time()
    check(mail, read_mail, zone_of(), CAME)
    assert time.process_time() - started < 5


TAGS = st.sampled_from(["v", "a", "b", "bh", "d", "h", "s", "c", "i", "l", "q", "t", "x"])
VALUES = st.text(alphabet="aAzZ09+/=:;.-_ \t\r\n@\x00\xff\u3042", max_size=40) | st.sampled_from(
    ["1", "rsa-sha256", "amazon.co.jp", "from:date", "relaxed/relaxed", "0", "9" * 30, "-1", "dns/txt"]
)


@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow])
@given(st.dictionaries(TAGS, VALUES), st.binary(max_size=300) | st.none())
def test_no_signature_and_no_record_raises(tags, record):
    """Whatever is signed and published, there is a verdict, and no proof without the key."""
    header = "DKIM-Signature: " + ";".join(f"{tag}={value}" for tag, value in tags.items())
    mail = on_top(SIGNED, header.encode("utf-8"))
    zone = Zone({f"{SELECTOR}._domainkey.amazon.co.jp": record} if record is not None else {})
    assert verdict(mail, zone)[0] is not Authenticity.PASS
