"""100,000 requests of 50 threads over two connections, with failures, streams and broken-off answers."""

import secrets
from collections.abc import Callable

import pytest

from portal.models import User
from tests import pool

pytestmark = [pytest.mark.drill, pytest.mark.django_db(transaction=True, databases=["default", "owner"])]


def test_no_answer_of_many_carries_another_identity(
    register: Callable, seat: Callable, family: User, other_family: User, doctor_parent: User
) -> None:
    seed = secrets.randbits(32)
    crowd = pool.crowd(register, seat, [family, other_family, doctor_parent], seed)
    with pool.pooled():
        crowd.ask(100_000)
    print(f"\nseed {seed}: {dict(crowd.counts)}, {len(crowd.wrong)} wrong")
    assert crowd.wrong[:3] == []
    assert crowd.counts.total() == 100_000
