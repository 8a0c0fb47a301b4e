"""One mail as a server would tell it section by section; enough of BODYSTRUCTURE for what is abridged."""

from __future__ import annotations

from email.parser import BytesParser
from email.policy import compat32
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping
    from email.message import Message


class FakeSections:
    """A mail in memory; see `daemon.mailbox.abridging.Source`."""

    def __init__(self, content: bytes) -> None:
        self._content = content
        self._tree = BytesParser(policy=compat32).parsebytes(content)

    def structure(self) -> object:
        """The types of the parts, as imapclient nests them."""
        return _structure(self._tree)

    def sections(self, wanted: Mapping[str, int]) -> dict[str, bytes]:
        """Sections by name, each cut at a number of bytes."""
        return {name: self._section(name)[:limit] for name, limit in wanted.items()}

    def _section(self, name: str) -> bytes:
        head, _, text = self._content.partition(b"\r\n\r\n")
        if name in {"HEADER", "TEXT"}:
            return head + b"\r\n\r\n" if name == "HEADER" else text
        number, _, what = name.rpartition(".")
        if what == "MIME":
            return _head_of(self._part(number))
        if what == "HEADER":
            return _head_of(_held(self._part(number))[0])
        return _payload_of(self._part(name))

    def _part(self, number: str) -> Message[str, str]:
        part = self._tree
        for place in number.split("."):
            part = _held(part)[int(place) - 1] if part.is_multipart() else part
        return part


def _structure(part: Message[str, str]) -> tuple[Any, ...]:
    subtype = part.get_content_subtype().encode()
    if part.get_content_maintype() == "multipart":
        parameters = tuple(word.encode() for pair in part.get_params([])[1:] for word in pair)
        return ([_structure(one) for one in _held(part)], subtype, parameters)
    return (part.get_content_maintype().encode(), subtype)


def _held(part: Message[str, str]) -> list[Message[str, str]]:
    payload: Any = part.get_payload()
    return payload if isinstance(payload, list) else []


def _payload_of(part: Message[str, str]) -> bytes:
    """The content as it was sent; a report's is in pieces, each with a header of its own."""
    if part.is_multipart():
        return b"".join(map(_head_of, _held(part))).rstrip() + b"\r\n"
    undecoded: Any = part._payload
    return str(undecoded).encode("ascii", "surrogateescape")


def _head_of(part: Message[str, str]) -> bytes:
    lines = "".join(f"{name}: {value}\r\n" for name, value in part.raw_items())
    return lines.encode("ascii", "surrogateescape") + b"\r\n"
