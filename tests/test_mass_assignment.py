"""Every field of every model, posted to every writing address beside its form: only what it lists changes."""

import json
import re
from collections import Counter
from collections.abc import Callable, Iterator
from uuid import uuid4

import pytest
from django.apps import apps
from django.db import connection, transaction
from django.db.models import Model
from django.test import Client
from pytest_django.plugin import DjangoDbBlocker

from tests.scene import Scene, staged
from tests.writing import ACTS, writing

CHANGING = {"id", "key", "pgh_id", "pgh_obj_id", "pgh_created_at", "xid", "digest", "check_in_id", "target"}
CHANGING |= {"seat_id"}
MOMENT = re.compile(r"(\d{4})-\d\d-\d\dT[\d:.+]+")
KEY = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
READERS = ("seated", "stranger", "administrator", "auditor")  # who together see every row
HARMFUL = {
    "roles": "auditor",
    "basis": "care_team",
    "state": "died",
    "audience": "self",
    "is_active": "",
    "by_phone": "on",
    "name": "Mallory",
    "record_number": "M-1",
    "birth_date": "2001-01-01",
    "total": "18",
    "outcome": "noted",
    "frozen_reason": "x",
    "error_reason": "x",
    "email": "mallory@test.example",
    "zone": "Asia/Tokyo",
    "actor_name": "Mallory",
}


@pytest.fixture(scope="module")
def scene(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Scene]:
    with staged(django_db_blocker) as made:
        yield made


def models(*labels: str) -> list[type[Model]]:
    return [model for label in labels for model in apps.get_app_config(label).get_models()]


def field_names() -> list[str]:
    """Of every model that is ours, as a column and as an attribute."""
    ours = models("portal", "tracker", "conditions")
    fields = [each for model in ours for each in model._meta.concrete_fields]
    return sorted({name for each in fields for name in (each.name, each.attname)})


def hostile(name: str, scene: Scene) -> str:
    """A value that would do harm, were it believed."""
    if name in HARMFUL:
        return HARMFUL[name]
    if name.endswith("_at"):
        return "2001-01-01T00:00:00Z"
    if name.startswith(("patient", "merged_into")):
        return str(scene.foreign.pk)
    if name.startswith("clinic"):
        return str(scene.foreign.clinic_id)
    return str(scene.people["stranger"].pk)


def rows_of(scene: Scene) -> Counter[tuple[str, str]]:
    """Every row of every table of ours, without what is new each time."""
    tables = [model._meta.db_table for model in models("portal", "tracker")]
    seen: Counter[tuple[str, str]] = Counter()
    for who in READERS:
        with transaction.atomic(), scene.acting(who), connection.cursor() as cursor:
            for table in tables:
                cursor.execute("SELECT has_table_privilege(%s, 'SELECT')", [table])
                if cursor.fetchone()[0]:
                    cursor.execute(f"SELECT to_jsonb(t) FROM {table} t")
                    seen |= Counter((table, plain(row, scene)) for (row,) in cursor.fetchall())
    return seen


def plain(row: str | dict, scene: Scene) -> str:
    """A row as text: of a moment its year, of a key that nobody knew before nothing."""
    values = json.loads(row) if isinstance(row, str) else row
    told = json.dumps({name: each for name, each in values.items() if name not in CHANGING}, sort_keys=True)
    patients = {str(patient.pk) for patient in scene.patients.values()}
    told = KEY.sub(lambda found: found[0] if found[0] in patients else "", told)
    return MOMENT.sub(r"\1", told)


def change(scene: Scene, browser: Client, address: str, sent: dict[str, object]) -> tuple[int, Counter]:
    """What a POST answers, and every row as it is then; undone afterwards."""
    with transaction.atomic():
        status = browser.post(address, sent).status_code
        after = rows_of(scene)
        transaction.set_rollback(True)
    return status, after


@pytest.mark.parametrize("act", ACTS)
def test_only_what_the_form_lists_changes(act: str, scene: Scene, sign_in: Callable) -> None:
    who, address, sent, listed = writing(scene)[act]
    browser, before = sign_in(scene.people[who]), rows_of(scene)
    extra = {name: hostile(name, scene) for name in field_names() if name not in sent and name not in listed}
    fresh = {"key": uuid4()} if "key" in sent else {}
    plainly = change(scene, browser, address, sent)
    loaded = change(scene, browser, address, {**extra, **sent, **fresh})
    assert plainly[0] == 302, "the form alone is stored"
    assert plainly[1] != before
    assert len(extra) >= 80
    assert loaded[0] == 302
    assert (loaded[1] - plainly[1], plainly[1] - loaded[1]) == (Counter(), Counter())
