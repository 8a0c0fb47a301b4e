"""Keys out of DNS: what is remembered how long, and that nothing but one named failure comes out."""

from __future__ import annotations

import socket
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import dns.message
import dns.resolver
import dns.rrset
import pytest

from daemon.config import load
from daemon.configured_shop import account_of, shop_of
from daemon.dns import Answer, DnsKeys, NameServersSilent, ask_dns
from parsers.values import KeyUnavailable
from tests.beds.clock import SetClock
from tests.unit.state.examples import HOUR, local
from tests.unit.test_config import GOOD, secret, write

NAME = "s2026._domainkey.amazon.co.jp"
SECOND = timedelta(seconds=1)
MINUTE = timedelta(minutes=1)


class Asked:
    """An answer, or a failure, and how often it was asked for."""

    def __init__(self, answer):
        self.answer = answer
        self.names = []

    def __call__(self, name):
        self.names.append(name)
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


def ask(keys, name=NAME):
    """The record, or the word of the failure."""
    try:
        return keys(name)
    except KeyUnavailable:
        return "unavailable"


@pytest.mark.parametrize(
    ("answer", "said", "kept"),
    [
        (Answer(b"p=x", 5 * MINUTE), b"p=x", 5 * MINUTE),
        (Answer(b"p=x", 24 * HOUR), b"p=x", HOUR),
        (Answer(None, HOUR), None, MINUTE),
        (KeyUnavailable(), "unavailable", MINUTE),
        (NameServersSilent(), "unavailable", MINUTE),
        (RuntimeError("anything"), "unavailable", MINUTE),
    ],
)
def test_answers_are_remembered_for_a_while(answer, said, kept):
    """Keys for their time to live, an hour at most; failures of any sort for a minute."""
    clock, asked = SetClock(local("2026-11-17 10:30")), Asked(answer)
    keys = DnsKeys(clock, asked)
    assert (ask(keys), ask(keys, NAME.upper())) == (said, said)
    clock.advance(kept - SECOND)
    assert (ask(keys), asked.names) == (said, [NAME])
    clock.advance(SECOND)
    assert (ask(keys), asked.names) == (said, [NAME, NAME])


def test_silent_servers_do_not_slow_each_mail():
    """After one wait nobody waits for another name, and what is known stays known."""
    clock, asked = SetClock(local("2026-11-17 10:30")), Asked(Answer(b"p=x", HOUR))
    keys = DnsKeys(clock, asked)
    ask(keys)
    asked.answer = NameServersSilent()
    assert [ask(keys, f"{number}.example") for number in range(9)] == ["unavailable"] * 9
    assert (ask(keys), asked.names) == (b"p=x", [NAME, "0.example"])
    clock.advance(MINUTE)
    asked.answer = Answer(b"p=y", HOUR)
    assert ask(keys, "1.example") == b"p=y"


def test_one_failing_name_says_nothing_of_others():
    """A zone that is broken does not silence the rest."""
    asked = Asked(KeyUnavailable())
    keys = DnsKeys(SetClock(local("2026-11-17 10:30")), asked)
    ask(keys)
    asked.answer = Answer(b"p=x", HOUR)
    assert (ask(keys), ask(keys, "other.example")) == ("unavailable", b"p=x")


def test_the_memory_is_bounded():
    """However many names are asked for."""
    asked = Asked(Answer(b"p=x", HOUR))
    keys = DnsKeys(SetClock(local("2026-11-17 10:30")), asked)
    for number in range(2_000):
        keys(f"{number}.example")
    assert len(keys._known) == 256
    keys("1999.example")
    assert len(asked.names) == 2_000


def test_many_threads_may_ask():
    """Each gets the answer to its own question."""
    keys = DnsKeys(SetClock(local("2026-11-17 10:30")), lambda name: Answer(name.encode(), HOUR))
    names = [f"{number % 300}.example" for number in range(3_000)]
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(keys, names)) == [name.encode() for name in names]


# The machine's resolver


@pytest.fixture
def name_server():
    """A name server on loopback that answers by the first label, and a resolver that asks it."""
    server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    server.bind(("127.0.0.1", 0))
    thread = threading.Thread(target=_serve, args=(server,), daemon=True)
    thread.start()
    resolver = dns.resolver.Resolver(configure=False)
    resolver.nameservers, resolver.port = ["127.0.0.1"], server.getsockname()[1]
    resolver.timeout = resolver.lifetime = 0.2
    yield resolver
    server.sendto(b"", server.getsockname())
    thread.join(10)
    server.close()


TEXTS = {
    "key": ['"v=DKIM1; k=rsa; " "p=x"'],
    "noted": ['"some note"', '"v=DKIM1; p=x"'],
    "twice": ['"v=DKIM1; p=x"', '"v=DKIM1; p=y"'],
}


def _serve(server):
    while (received := server.recvfrom(4_096))[0]:
        reply = dns.message.make_response(dns.message.from_wire(received[0]))
        asked = reply.question[0].name
        word = asked.labels[0].decode()
        if word == "silent":
            continue
        reply.set_rcode({"nobody": dns.rcode.NXDOMAIN, "broken": dns.rcode.SERVFAIL}.get(word, 0))
        if word in TEXTS:
            target = dns.name.from_text("keys.example.")
            reply.answer.append(dns.rrset.from_text(asked, 900, "IN", "CNAME", "keys.example."))
            reply.answer.append(dns.rrset.from_text(target, 300, "IN", "TXT", *TEXTS[word]))
        server.sendto(reply.to_wire(), received[1])


@pytest.mark.parametrize(
    ("name", "record"),
    [
        ("key.example", b"v=DKIM1; k=rsa; p=x"),
        ("noted.example", b"v=DKIM1; p=x"),
        ("twice.example", None),
        ("empty.example", None),
        ("nobody.example", None),
        ("a" * 64 + ".example", None),
        ("a..example", None),
        ("abcdefgh." * 40 + "example", None),
    ],
)
def test_what_name_servers_say(name_server, name, record):
    """A key behind an alias, beside notes, or none; what can be no name has none."""
    assert ask_dns(name, name_server).record == record


def test_the_shortest_time_to_live_counts(name_server):
    """An alias may last longer than what it stands for."""
    assert ask_dns("key.example", name_server).kept == timedelta(seconds=300)


@pytest.mark.parametrize(("word", "error"), [("broken", KeyUnavailable), ("silent", NameServersSilent)])
def test_servers_that_fail(name_server, word, error):
    """A failure and a silence are told apart, for only the second costs time."""
    with pytest.raises(KeyUnavailable) as raised:
        ask_dns(f"{word}.example", name_server)
    assert raised.type is error


def test_every_account_checks_with_one_look_up(tmp_path):
    """All accounts of a shop share one memory; it is no part of what is shown of them."""
    secret(tmp_path / "password", "x")
    settings = load(write(tmp_path, GOOD))
    shop = shop_of(settings)
    (keys,) = {account.trust.keys for account in shop.accounts.values()}
    assert isinstance(keys, DnsKeys)
    assert "DnsKeys" not in repr(shop)
    assert account_of(settings, settings.mailboxes[0], keys).trust.keys is keys
