"""Which folder is which, from a server's list alone."""

from __future__ import annotations

import unicodedata

import pytest

from daemon.errors import FolderMissing
from daemon.mailbox.folders import Listed, discover, inventory
from daemon.ports import Folder, FolderRole

INBOX = Folder("INBOX", FolderRole.INBOX)


def roles_of(*names: str, delimiter: str = "/", named=None) -> dict[FolderRole, str]:
    """The roles found among folders that say nothing of themselves."""
    listing = [Listed(name, delimiter) for name in names]
    found = discover(listing, ("INBOX",), named or {}, "imap.shop.example")
    return {folder.role: folder.name for folder in found if folder.role is not FolderRole.INBOX}


@pytest.mark.parametrize(
    ("sent", "drafts", "junk", "delimiter"),
    [
        ("[Gmail]/送信済みメール", "[Gmail]/下書き", "[Gmail]/迷惑メール", "/"),
        ("[Gmail]/Sent Mail", "[Gmail]/Drafts", "[Gmail]/Spam", "/"),
        ("[Google Mail]/Sent Mail", "[Google Mail]/Drafts", "[Google Mail]/Spam", "/"),
        ("送信済みアイテム", "下書き", "迷惑メール", "/"),
        ("送信済み", "下書き", "迷惑メールフォルダー", "/"),
        ("送信済みﾒｰﾙ", "下書き", "迷惑ﾒｰﾙ", "/"),
        ("Sent", "Draft", "Bulk Mail", "/"),
        ("Sent Messages", "Drafts", "Junk", "/"),
        ("Sent Items", "Drafts", "Junk E-mail", "/"),
        ("Sent Items", "Drafts", "Junk Email", "/"),
        ("INBOX.Sent", "INBOX.Drafts", "INBOX.Junk", "."),
        ("INBOX.送信済み", "INBOX.下書き", "INBOX.spam", "."),
        ("Inbox/Sent", "Inbox/Drafts", "Inbox/Spam", "/"),
        ("Gesendet", "Entwürfe", "Spamverdacht", "/"),
        ("Éléments envoyés", "Brouillons", "Courrier indésirable", "/"),
    ],
)
def test_known_names(sent, drafts, junk, delimiter):
    """The names that providers give are known, whatever stands before them."""
    found = roles_of("INBOX", "Archive", junk, drafts, sent, delimiter=delimiter)
    assert found == {FolderRole.SENT: sent, FolderRole.DRAFTS: drafts, FolderRole.JUNK: junk}


def test_decomposed_names_are_the_same():
    """A name that was made with combining marks is the name that it looks like."""
    name = unicodedata.normalize("NFD", "迷惑メールフォルダー")
    assert name != "迷惑メールフォルダー"
    assert roles_of("INBOX", name) == {FolderRole.JUNK: name}


def test_special_use_goes_before_names():
    """What the server says outweighs what a folder is called."""
    listing = [Listed("Sent"), Listed("Ausgang", "/", frozenset({rb"\sent"}))]
    assert discover(listing, ("INBOX",), {}, "h") == (INBOX, Folder("Ausgang", FolderRole.SENT))


def test_configuration_is_asked_first():
    """A configured folder wins over what another one is called: a wrong guess must be correctable."""
    named = {FolderRole.SENT: "発送記録", FolderRole.JUNK: "ゴミ"}
    assert roles_of("INBOX", "発送記録", "Junk", "ゴミ", named=named) == {
        FolderRole.SENT: "発送記録",
        FolderRole.JUNK: "ゴミ",
    }


def test_what_is_not_there_is_absent():
    """Folders for sent mail, drafts and junk may be missing, named or not."""
    assert roles_of("INBOX", "Archive", named={FolderRole.DRAFTS: "nowhere"}) == {}


def test_deeper_folders_are_something_else():
    """A folder called Sent somewhere below is not the account's own."""
    assert roles_of("INBOX", "Archive/Sent", "Projects/Junk") == {}


def test_a_folder_appears_once():
    """A watched folder that is the junk folder keeps that role and its place."""
    found = discover([Listed("INBOX"), Listed("Spam")], ("Spam", "inbox", "INBOX"), {}, "h")
    assert found == (Folder("Spam", FolderRole.JUNK), INBOX)


def test_inbox_is_always_there():
    """INBOX need not be listed, and its case does not matter."""
    assert discover([], ("Inbox",), {}, "h") == (INBOX,)


def test_missing_watched_folder_is_told():
    """The sentence names the folder, the host and what is there."""
    with pytest.raises(FolderMissing, match=r"'返品' .* imap\.shop\.example .*It has: INBOX, Amazon"):
        discover([Listed("INBOX"), Listed("Amazon")], ("返品",), {}, "imap.shop.example")


def test_watched_names_in_either_unicode_form():
    """The server's form of a name is found by the other form, and is what is opened."""
    stored = unicodedata.normalize("NFD", "ガイド")
    found = discover([Listed(stored)], (unicodedata.normalize("NFC", "ガイド"),), {}, "h")
    assert found == (Folder(stored, FolderRole.INBOX),)


def test_inventory_leaves_out_what_is_not_the_accounts_own():
    """Other people's folders and views of marked mail are left out; trash and the view of all are named."""
    listing = [
        Listed("Inbox"),
        Listed("[Gmail]/すべてのメール"),
        Listed("Archive", "/", frozenset({rb"\archive"})),
        Listed("[Gmail]/Starred", "/", frozenset({rb"\flagged"})),
        Listed("[Gmail]/Important", "/", frozenset({rb"\important"})),
        Listed("Weg", "/", frozenset({rb"\trash"})),
        Listed("Public/Orders", own=False),
        Listed("Amazon"),
    ]
    assert inventory(listing, (INBOX, Folder("Amazon", FolderRole.INBOX))) == (
        INBOX,
        Folder("Amazon", FolderRole.INBOX),
        Folder("[Gmail]/すべてのメール", FolderRole.ALL),
        Folder("Archive", FolderRole.OTHER),
        Folder("Weg", FolderRole.TRASH),
    )
