"""A small condition and its way to readers."""

from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest

from conditions import loading, pack, publishing
from conditions.models import Condition, Release
from portal.identity import acting_as
from portal.models import User
from tests.conditions import packs

OMS = Path(__file__).resolve().parents[2] / "conditions/packs/opsoclonus-myoclonus-syndrome"


@cache
def oms_pack() -> pack.Pack:
    """The pack of OMS, read once: nobody changes it."""
    return pack.read(OMS)


@pytest.fixture
def small(db: None, tmp_path: Path) -> Condition:
    """A condition of three statements, loaded as a draft by nobody."""
    loading.load(pack.read(packs.write(tmp_path / "small")))
    return Condition.objects.get(slug="small-syndrome")


@pytest.fixture
def full(db: None, tmp_path: Path) -> Condition:
    """The small condition with one of everything, loaded as a draft by nobody."""
    loading.load(pack.read(packs.write(tmp_path / "full", packs.FULL)))
    return Condition.objects.get(slug="small-syndrome")


@pytest.fixture
def publish(editor: User, reviewer: User) -> Callable[..., Release]:
    """Take a condition's draft all the way: publish(condition, reason="…", note="…")."""

    def published(condition: Condition, reason: str = "First release.", note: str = "") -> Release:
        with acting_as(editor):
            waiting = publishing.submit(editor, condition, reason=reason)
        with acting_as(reviewer):
            approved = publishing.approve(reviewer, waiting, interests="None.", note=note)
            return publishing.publish(reviewer, approved)

    return published
