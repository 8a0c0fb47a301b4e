"""The timer goes by the wall clock and must not stand still when that is set back."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import schedule
import time_machine

from daemon.waker import run_due

START = datetime(2026, 10, 25, 0, 59, 58, tzinfo=UTC)


def test_a_clock_that_is_set_back_stops_no_job():
    """At the end of summer time the local clock repeats an hour; alerts are due in it all the same."""
    ran: list[int] = []
    timer = schedule.Scheduler()
    with time_machine.travel(START, tick=False) as clock:
        timer.every(5).seconds.do(ran.append, 1)
        clock.shift(-timedelta(hours=1))
        for _ in range(10):
            clock.shift(5)
            run_due(timer, 5)
    assert len(ran) == 10


def test_a_steady_clock_runs_each_job_at_its_time():
    """What is not due waits."""
    ran: list[int] = []
    timer = schedule.Scheduler()
    with time_machine.travel(START, tick=False) as clock:
        timer.every(5).seconds.do(ran.append, 5)
        timer.every(30).seconds.do(ran.append, 30)
        for _ in range(30):
            clock.shift(1)
            run_due(timer, 5)
    assert ran == [5, 5, 5, 5, 5, 5, 30]
