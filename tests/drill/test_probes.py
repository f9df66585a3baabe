"""10,000 probes for what is somebody else's, with another seed each time; a failure names it."""

import secrets
from collections.abc import Callable

import pytest
from pytest_django.plugin import DjangoDbBlocker

from tests.probes import WHO, Prober
from tests.scene import staged

pytestmark = pytest.mark.drill


def test_ten_thousand_probes_find_nothing(
    django_db_setup: None, django_db_blocker: DjangoDbBlocker, sign_in: Callable
) -> None:
    seed = secrets.randbits(32)
    with staged(django_db_blocker) as scene:
        found = Prober(scene, {who: sign_in(scene.people[who]) for who in WHO}, seed).run(10_000)
    print(f"\nseed {seed}: {found.asked} probes, {dict(found.statuses)}")
    assert (found.leaks, found.unlike) == ([], []), f"seed {seed}"
