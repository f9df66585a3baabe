"""Fifty threads of three people over a pool of two connections: nobody is answered as somebody else."""

from collections.abc import Callable

import pytest

from portal.models import User
from tests import pool

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "owner"])
SEED = 20261121


def test_no_answer_carries_another_identity(
    register: Callable, seat: Callable, family: User, other_family: User, doctor_parent: User
) -> None:
    crowd = pool.crowd(register, seat, [family, other_family, doctor_parent], SEED)
    with pool.pooled():
        crowd.ask(1_000)
    print(f"\nseed {SEED}: {crowd.counts.total()} requests, {dict(crowd.counts)}, {len(crowd.wrong)} wrong")
    assert crowd.wrong[:3] == []
    assert crowd.counts.total() == 1_000
    assert set(crowd.counts) == set(pool.KINDS)
