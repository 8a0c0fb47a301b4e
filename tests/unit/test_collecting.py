"""Python looks for garbage again after an import, whatever became of it."""

from __future__ import annotations

import gc

import pytest

from daemon.collecting import no_collecting


@pytest.mark.parametrize("before", [True, False])
def test_looking_goes_on_as_before(before):
    """Also behind a block that fails; who had switched it off finds it off."""
    was_enabled = gc.isenabled()
    try:
        (gc.enable if before else gc.disable)()
        with pytest.raises(ImportError):
            _fail_in_the_block()
        assert gc.isenabled() is before
    finally:
        (gc.enable if was_enabled else gc.disable)()


def _fail_in_the_block():
    with no_collecting():
        assert not gc.isenabled()
        raise ImportError
