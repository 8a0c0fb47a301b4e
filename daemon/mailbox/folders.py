"""Which folder is which: by configuration, by SPECIAL-USE (RFC 6154), by the names that providers give."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING

from imapclient.imap_utf7 import decode
from imapclient.imapclient import ALL, DRAFTS, FLAGGED, JUNK, SENT, TRASH

from daemon.errors import FolderMissing
from daemon.ports import Folder, FolderRole

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from imapclient import IMAPClient

_SPECIAL_USE = {FolderRole.SENT: SENT, FolderRole.DRAFTS: DRAFTS, FolderRole.JUNK: JUNK}
_OTHER_USE = {FolderRole.TRASH: TRASH, FolderRole.ALL: ALL}
# Views of marked mail that lies elsewhere; the second one is of RFC 8457.
_VIEWS = {FLAGGED.lower(), rb"\important"}
_UNSELECTABLE = {rb"\noselect", rb"\nonexistent"}

# As they are shown after NFKC and casefold; of two that exist the earlier one is taken.
# fmt: off
_KNOWN_NAMES: dict[FolderRole, tuple[str, ...]] = {
    FolderRole.SENT: (
        "sent", "sent items", "sent messages", "sent mail", "sent-mail",
        "送信済み", "送信済みメール", "送信済みアイテム", "送信済み項目", "送信済",
        "gesendet", "gesendete objekte", "gesendete elemente", "envoyés", "éléments envoyés",
        "messages envoyés", "posta inviata", "inviata", "enviados", "elementos enviados", "itens enviados",
        "verzonden items", "已发送", "보낸 편지함",
    ),
    FolderRole.DRAFTS: (
        "drafts", "draft", "下書き", "下書きメール", "下書きアイテム",
        "entwürfe", "brouillons", "bozze", "borradores", "rascunhos", "concepten", "草稿", "임시 보관함",
    ),
    FolderRole.JUNK: (
        "junk", "junk e-mail", "junk email", "junk mail", "bulk mail", "bulk", "spam", "spamverdacht",
        "迷惑メール", "迷惑メールフォルダー", "迷惑メールフォルダ",
        "courrier indésirable", "indésirables", "posta indesiderata", "correo no deseado", "lixo eletrônico",
        "ongewenste e-mail", "垃圾邮件", "스팸함",
    ),
    FolderRole.TRASH: (
        "trash", "bin", "deleted items", "deleted messages", "deleted",
        "ゴミ箱", "ごみ箱", "削除済み", "削除済みアイテム", "削除済みメール", "削除済み項目",
        "papierkorb", "gelöschte elemente", "corbeille", "éléments supprimés", "cestino", "posta eliminata",
        "papelera", "elementos eliminados", "lixeira", "itens excluídos", "prullenbak", "已删除", "휴지통",
    ),
    FolderRole.ALL: ("all mail", "all messages", "すべてのメール", "alle nachrichten", "tous les messages"),
}
# fmt: on

# Where providers put an account's own folders: below INBOX, or below a folder of their name.
_PARENTS = ("inbox", "[gmail]", "[google mail]")
_MOST_NAMES_SHOWN = 20


@dataclass(frozen=True, slots=True)
class Listed:
    """A folder that can be opened, as the server lists it.

    Attributes:
        name: decoded.
        delimiter: what separates the levels of names, or "".
        flags: in lower case.
        own: whether it belongs to this account, not to another user or to everybody.
    """

    name: str
    delimiter: str = "/"
    flags: frozenset[bytes] = frozenset()
    own: bool = True

    @property
    def plain_name(self) -> str:
        """The name to compare: without the parents that providers put before it, in any width and case."""
        name = _comparable(self.name)
        for parent in _PARENTS:
            if self.delimiter and name.startswith(parent + self.delimiter):
                return name[len(parent) + len(self.delimiter) :]
        return name


def list_folders(client: IMAPClient, capabilities: frozenset[str]) -> list[Listed]:
    """Every folder that can be opened, in the server's order."""
    foreign = _foreign_prefixes(client) if "NAMESPACE" in capabilities else ()
    rows = _rows(client)
    if not _tells_special_use(rows) and {"SPECIAL-USE", "LIST-EXTENDED"} <= capabilities:
        rows = _rows(client, "RETURN", "(SPECIAL-USE)")
    return [listed for row in rows if (listed := _listed(row, foreign)) is not None]


def discover(
    listing: Sequence[Listed], watched: Sequence[str], named: Mapping[FolderRole, str], host: str
) -> tuple[Folder, ...]:
    """The folders to watch, in the order given, then the sent, drafts and junk folders that exist.

    A folder appears once; if one that is to be watched is, say, the junk folder, it has the role JUNK.

    Raises:
        FolderMissing: a folder that is to be watched is not there.
    """
    roles = {
        found.name: role for role in _SPECIAL_USE if (found := _find_role(role, listing, named)) is not None
    }
    names = [_watched_name(name, listing, host) for name in watched]
    return tuple(Folder(name, roles.get(name, FolderRole.INBOX)) for name in dict.fromkeys([*names, *roles]))


def inventory(listing: Iterable[Listed], known: Sequence[Folder]) -> tuple[Folder, ...]:
    """Every folder of the account itself: those that are known already, then the others.

    Args:
        listing: every folder that can be opened.
        known: what `discover` found.
    """
    names = {folder.name for folder in known}
    others = [
        Folder(listed.name, _role_of_other(listed))
        for listed in listing
        if listed.own and listed.name not in names and listed.name.upper() != "INBOX"
        if not listed.flags & _VIEWS
    ]
    return (*known, *others)


def missing_folder(name: str, host: str, listing: Iterable[Listed] = ()) -> FolderMissing:
    """What to tell when a folder is not there."""
    names = [listed.name for listed in listing][:_MOST_NAMES_SHOWN]
    there = f" It has: {', '.join(names)}." if names else ""
    return FolderMissing(
        f"The folder {name!r} does not exist on {host} or cannot be opened.{there} Correct `folders` in the "
        "configuration, or create the folder."
    )


def _find_role(role: FolderRole, listing: Sequence[Listed], named: Mapping[FolderRole, str]) -> Listed | None:
    """The folder that the configuration names, for a person knows best; else by flag, else by name."""
    own = [listed for listed in listing if listed.own]
    special = next((listed for listed in own if _SPECIAL_USE[role].lower() in listed.flags), None)
    return _by_name(named.get(role, ""), listing) or special or _by_known_name(role, own)


def _role_of_other(listed: Listed) -> FolderRole:
    """Trash and the view of everything; a second folder of, say, sent mail is a person's own."""
    for role, flag in _OTHER_USE.items():
        if flag.lower() in listed.flags or listed.plain_name in _KNOWN_NAMES[role]:
            return role
    return FolderRole.OTHER


def _by_known_name(role: FolderRole, listing: Iterable[Listed]) -> Listed | None:
    by_name = {listed.plain_name: listed for listed in reversed(list(listing))}
    return next((by_name[name] for name in _KNOWN_NAMES[role] if name in by_name), None)


def _by_name(name: str, listing: Iterable[Listed]) -> Listed | None:
    """The folder that the configuration means: exactly, else below the parent that the server puts first."""
    exact = next((one for one in listing if one.name == name), None)
    if exact is not None or not name:
        return exact
    return next((one for one in listing if one.own and one.plain_name == _comparable(name)), None)


def _watched_name(name: str, listing: Sequence[Listed], host: str) -> str:
    # RFC 3501: INBOX is always there, in any case, though some servers do not list it.
    if name.upper() == "INBOX":
        return "INBOX"
    found = _by_name(name, listing)
    if found is None:
        raise missing_folder(name, host, listing)
    return found.name


def _comparable(name: str) -> str:
    return unicodedata.normalize("NFKC", name).casefold().strip()


def _foreign_prefixes(client: IMAPClient) -> tuple[str, ...]:
    namespace = client.namespace()
    spaces = [*(namespace.other or ()), *(namespace.shared or ())]
    return tuple(prefix for prefix, _ in spaces if prefix)


def _rows(client: IMAPClient, *options: str) -> list[tuple[Sequence[bytes], bytes | None, bytes | str]]:
    """One LIST of everything; undecoded, as one malformed name must not hide the others."""
    imap = client._imap  # noqa: SLF001 - imapclient's own LIST knows no options
    kind, data = imap._simple_command("LIST", '""', '"*"', *options)  # noqa: SLF001 - likewise
    client._checkok("LIST", kind, data)  # noqa: SLF001 - likewise
    _, data = imap._untagged_response(kind, data, "LIST")  # noqa: SLF001 - likewise
    client.folder_encode = False
    try:
        return list(client._proc_folder_list(data))  # noqa: SLF001 - likewise
    finally:
        client.folder_encode = True


def _tells_special_use(rows: Iterable[tuple[Sequence[bytes], bytes | None, bytes | str]]) -> bool:
    known = {flag.lower() for flag in _SPECIAL_USE.values()}
    return any(flag.lower() in known for flags, _, _ in rows for flag in flags)


def _listed(
    row: tuple[Sequence[bytes], bytes | None, bytes | str], foreign: tuple[str, ...]
) -> Listed | None:
    flags, delimiter, raw_name = row
    lowered = frozenset(flag.lower() for flag in flags)
    try:
        name = decode(raw_name)
    except UnicodeError:
        return None
    if lowered & _UNSELECTABLE:
        return None
    return Listed(name, (delimiter or b"").decode("ascii", "replace"), lowered, not name.startswith(foreign))
