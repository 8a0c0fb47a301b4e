"""One service after the other under one lock, whatever comes in between."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from daemon import reloading
from daemon.errors import AlreadyRunning, ConfigurationError
from daemon.reloading import Succession


class FakeService:
    """A service whose loops are what a test lets happen."""

    def __init__(self, house, settings):
        self.house = house
        self.settings = settings
        self.ended = ""

    def run(self):
        """Let the next thing happen; end only if it was told to."""
        self.house.ran.append(self.settings.name)
        while not self.ended:
            self.house.happenings.pop(0)()

    def stop(self):
        """End for good."""
        self.ended = "stopped"

    def hand_over(self):
        """End for the next one."""
        self.ended = "handed over"

    def tell(self, word, key, detail):
        """Note what the owner hears."""
        assert word == "reload_refused"
        self.house.told[key] = detail


class House:
    """What the succession is built of, and what was done with it."""

    def __init__(self):
        self.ran = []
        self.told = {}
        self.happenings = []
        self.unbuildable = set()
        self.locks = {}
        self.loaded = []

    def build(self, settings, *, lock, keyring):
        """A service, unless it cannot be built."""
        assert not lock.released
        assert keyring._settings is settings
        if settings.name in self.unbuildable:
            raise OSError("no space left")
        return FakeService(self, settings)

    def take_lock(self, database, _described):
        """The lock of a database; another process may hold it."""
        if database == "taken":
            raise AlreadyRunning("already running: pid 7")
        lock = SimpleNamespace(released=False)
        lock.release = lambda: setattr(lock, "released", True)
        self.locks[database] = lock
        return lock

    def load(self):
        """The next configuration."""
        found = self.loaded.pop(0)
        if isinstance(found, Exception):
            raise found
        return found


def settings(name, database="one"):
    """A configuration."""
    return SimpleNamespace(name=name, database=database)


@pytest.fixture
def house(monkeypatch):
    """Fakes in the place of everything real."""
    made = House()
    monkeypatch.setattr(reloading, "build_service", made.build)
    monkeypatch.setattr(reloading, "take_lock", made.take_lock)
    monkeypatch.setattr(reloading, "shop_of", lambda one: one)
    monkeypatch.setattr(reloading, "open_database", lambda _one: SimpleNamespace(close=lambda: None))
    return made


def run(house, *happenings):
    """Let these things happen while services run, then stop."""
    succession = Succession(settings("old"), house.load)
    house.happenings = [*(lambda one=one: one(succession) for one in happenings), succession.stop]
    succession.run()
    assert all(lock.released for lock in house.locks.values())


def reload(succession):
    """SIGHUP."""
    succession.reload()


def test_a_sound_one_takes_over_under_the_same_lock(house):
    """The lock is never given away in between."""
    house.loaded = [settings("new")]
    run(house, reload, lambda _succession: None)
    assert (house.ran, list(house.locks)) == (["old", "new"], ["one"])


@pytest.mark.parametrize(
    ("found", "told"),
    [
        (ConfigurationError(("a: wrong", "b: wrong")), "a: wrong\nb: wrong"),
        (settings("new", "taken"), "already running: pid 7"),
        (ValueError("secret"), "ValueError"),
    ],
)
def test_a_faulty_one_is_refused(house, found, told):
    """Every fault is told, and the old service never ends."""
    house.loaded = [found, found]
    run(house, reload, reload)
    assert (house.ran, list(house.told.values())) == (["old"], [told])


def test_one_that_cannot_be_built_gives_way_to_the_old(house):
    """What turns out too late costs a moment, and the owner hears of it."""
    house.loaded, house.unbuildable = [settings("new", "two")], {"new"}
    run(house, reload)
    assert (house.ran, list(house.told.values())) == (["old", "old"], ["OSError"])
    assert house.locks["two"].released


def test_another_database_brings_its_own_lock(house):
    """The old one is given back once the new service is there; a later one may go back."""
    house.loaded = [settings("new", "two"), settings("newer", "three")]
    run(house, reload, reload)
    assert house.ran == ["old", "new", "newer"]


def test_the_last_of_several_counts(house):
    """One that is overtaken before it began gives its lock back."""
    house.loaded = [settings("new", "two"), settings("newer", "one")]

    def twice(succession):
        succession.reload()
        succession.reload()

    run(house, twice)
    assert house.ran == ["old", "newer"]


def test_stopping_wins(house):
    """Told to stop while another waits to take over, none takes over."""
    house.loaded = [settings("new", "two")]

    def both(succession):
        succession.reload()
        succession.stop()

    run(house, both)
    assert house.ran == ["old"]
