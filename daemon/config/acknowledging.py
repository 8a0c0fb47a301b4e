"""When buyers are told at once that somebody looks into it: for all mailboxes, and for one."""

# Pydantic reads the annotations of this module while the program runs, so they are not postponed.

from datetime import timedelta
from typing import Annotated

from pydantic import PlainValidator

from daemon.config.readers import Flag, whole_number
from daemon.config.table import Table
from daemon.config.times import duration

_DAY = timedelta(days=1)
_MaxAge = Annotated[timedelta, PlainValidator(duration(timedelta(minutes=1), 2 * _DAY))]
_CoolDown = Annotated[timedelta, PlainValidator(duration(timedelta(0), 30 * _DAY))]
_HourlyCap = Annotated[int, PlainValidator(whole_number(1, 1000))]


class Acknowledge(Table):
    """When the buyer is told at once that somebody looks into it."""

    enabled: Flag = True
    max_age: _MaxAge = timedelta(hours=24)
    cool_down: _CoolDown = timedelta(hours=12)
    hourly_cap: _HourlyCap = 20


class AcknowledgeHere(Table):
    """The same for one mailbox; what is not given is as for all."""

    enabled: Flag | None = None
    max_age: _MaxAge | None = None
    cool_down: _CoolDown | None = None
    hourly_cap: _HourlyCap | None = None
