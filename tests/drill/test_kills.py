"""Killing the supervisor at random moments, twenty times: nothing may stay, and the next start works."""

import random
import time

import pytest

from tests.portal.test_supervisor import free_port, supervised, until

pytestmark = [pytest.mark.drill, pytest.mark.django_db(transaction=True)]


def test_twenty_kills_leave_nothing() -> None:
    chance, port = random.Random(2026), free_port()
    slowest = 0.0
    for _ in range(20):
        started = time.monotonic()
        with supervised(port) as process:
            slowest = max(slowest, time.monotonic() - started)
            time.sleep(chance.random())  # the drill is about the moment, so it waits on purpose
            process.kill()
            process.wait()
            until(False, port)
    print(f"\n20 kills on one port, nothing left; slowest start {slowest:.1f} s")
