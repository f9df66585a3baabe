"""Asking for what is somebody else's: nothing of it comes back, and it is answered like what is not there."""

from collections.abc import Callable, Iterator

import pytest
from django.urls import get_resolver
from pytest_django.plugin import DjangoDbBlocker

from tests.probes import WHO, Prober, routes, walk
from tests.scene import Scene, staged
from tests.tiers import IN_FULL

SEED = 20261121


@pytest.fixture(scope="module")
def scene(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Scene]:
    with staged(django_db_blocker) as made:
        yield made


@pytest.fixture
def prober(scene: Scene, sign_in: Callable) -> Prober:
    return Prober(scene, {who: sign_in(scene.people[who]) for who in WHO}, SEED)


def test_every_address_with_a_key_is_probed(scene: Scene) -> None:
    probed = {route.name for route in routes()}
    keyed = {
        name for name, words in walk(get_resolver(), "") if name.startswith("tracker:") and "key" in words
    }
    assert keyed <= probed
    assert {"admin:tracker_patient_change", "tracker:worklist-text"} <= probed


def test_probes_find_nothing(prober: Prober) -> None:
    found = prober.run(1_000 if IN_FULL else 250)
    print(f"\nseed {SEED}: {found.asked} probes of {len(prober.routes)} addresses, {dict(found.statuses)}")
    assert found.leaks == []
    assert found.unlike == []
    assert not [status for status in found.statuses if status >= 500]
