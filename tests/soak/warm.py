"""Imports what a life needs and lives through a small day, so that every life begins warm.

The server from which lives are forked imports this: rules, templates and models are loaded once for all.
The day is played in memory, on a database that is closed and gone before the first life begins.
"""

from __future__ import annotations

import gc
import logging
import tempfile
from pathlib import Path

from daemon import log
from daemon.cli import run
from state.engine import open_engine
from state.migrations import upgrade
from state.unit_of_work import Database
from templates.guidelines import check
from tests.beds.post import buyer, feedback, sample
from tests.beds.reviewing import DAMAGED, QUESTION, day_goes_on
from tests.beds.shopfloor import Shopfloor
from tests.soak import life

__all__ = ["life", "run"]


def warm_up() -> None:
    """Do once what takes its time only the first time."""
    logging.getLogger("aiosmtpd").setLevel(logging.ERROR)
    log.quieten()
    with tempfile.TemporaryDirectory(prefix="sokuresu-soak-warm-") as folder:
        engine = open_engine(f"sqlite:///{Path(folder) / 'shop.db'}")
        upgrade(engine)
        _live_a_day(Shopfloor(Database(engine)))
        engine.dispose()
    for language in ("ja", "en"):
        check(DAMAGED, order_id=None, language=language)
    # What is shared by all lives is looked through by none.
    gc.collect()
    gc.freeze()


def _live_a_day(floor: Shopfloor) -> None:
    day_goes_on(floor)
    mails = (buyer(1, text=DAMAGED), buyer(2, text=QUESTION), buyer(3, proof="fail"))
    for mail in (*mails, feedback(1), sample("refund-ja"), sample("reply-copy-ja"), sample("opted-out-ja")):
        day_goes_on(floor, mail)
    floor.alert()


warm_up()
