"""Every field of every model, posted to every writing address beside its form: only what it lists changes."""

import json
import re
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from django.apps import apps
from django.db import connection, transaction
from django.db.models import Model
from django.test import Client
from django.utils import timezone
from pytest_django.plugin import DjangoDbBlocker

from tests.probes import keys_of
from tests.scene import BORN, CANARIES, Scene, staged
from tests.tracker.family_form import HOME, QUIET, body
from tracker.models import CheckIn, EmergencyAccess, Invitation, Redaction, Seat

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


Post = tuple[str, str, dict[str, object], set[str]]


def writing(scene: Scene) -> dict[str, Post]:
    """Who posts what where; the last are fields the form lists that this body leaves out."""
    keys = keys_of(scene, "child")
    child, entry = keys["key"], keys["entry"]
    with transaction.atomic(), scene.acting("seated"):
        told = known(scene)
    reason = {"reason": "Because it is needed for this test."}
    soon = (timezone.localdate() + timedelta(days=90)).isoformat()
    diary, chart = f"/log/{child}", f"/patients/{child}"
    more = {
        "worried",
        "sleep_hours",
        "wakings",
        "temperature_c",
        "falls",
        "all_doses",
        "note",
        "other_day",
        "zone",
    }
    review = {"outcome": "watch", "covers_until": timezone.now().isoformat()}
    invited = {"name": "New", "email": "new@test.example", "basis": "parent", "ground": "court"}
    return {
        "check-in": ("own", f"{diary}/check-in/", body(**QUIET), more),
        "amend": ("own", f"{diary}/check-in/{told['mine']}/amend/", body(**HOME, kind="home_check"), more),
        "mistake": ("own", f"{diary}/check-in/{told['mine']}/mistake/", reason, set()),
        "message": ("own", f"{diary}/messages/", {"text": "Hello."}, set()),
        "review": ("seated", f"{chart}/review/", review, {"message", "private_note"}),
        "invite": ("seated", f"{chart}/invite/", invited, {"ends_on"}),
        "withdraw": ("seated", f"{chart}/invite/{told['offer']}/withdraw/", {}, set()),
        "refuse": ("seated", f"{chart}/seats/refuse/", {"name": "N", "basis": "parent", **reason}, set()),
        "join": ("seated", f"{chart}/seats/join/", {"colleague": scene.people["unseated"].pk}, set()),
        "renew": ("seated", f"{chart}/seats/{told['seat']}/renew/", {"ends_on": soon}, set()),
        "end": ("seated", f"{chart}/seats/{told['seat']}/end/", {}, set()),
        "freeze": ("seated", f"{chart}/freeze/", reason, set()),
        "hide": ("seated", f"{chart}/entries/{entry}/hide/",
                 {"hidden_from": scene.people["oneself"].pk, **reason}, set()),
        "show": ("seated", f"{chart}/hidden/{told['redaction']}/show/", {}, set()),
        "state": ("seated", f"{chart}/state/", {"state": "discharged", "on": timezone.localdate()}, set()),
        "register": ("seated", "/patients/register/",
                     {"name": "R", "birth_date": BORN, "record_number": "R-77"}, set()),
        "break-glass": ("unseated", "/break-glass/", {"record_number": f"{CANARIES['child']}-17",
                        "birth_date": BORN, "purpose": "treating", **reason}, set()),
        "end-emergency": ("break_glass", f"/break-glass/{told['emergency']}/end/", {}, set()),
        "finding": ("auditor", f"/trail/emergencies/{told['emergency']}/", {"finding": "It was in order, as far as one can see."}, set()),
    }  # fmt: skip


def known(scene: Scene) -> dict[str, UUID | int]:
    """Rows that the addresses name."""
    mine = CheckIn.objects.filter(author=scene.people["own"], error_reason="", replaced_by=None)
    return {
        "mine": mine.exclude(pk__in=scene.hidden).get().pk,
        "offer": Invitation.objects.get(accepted_at=None).pk,
        "seat": Seat.objects.get(user=scene.people["redacted"]).pk,
        "redaction": Redaction.objects.get(lifted_at=None).pk,
        "emergency": EmergencyAccess.objects.get().pk,
    }


def changes(
    scene: Scene, browser: Client, address: str, sent: dict[str, object]
) -> tuple[int, Counter, Counter]:
    """What a POST answers, takes away and brings, undone afterwards."""
    with transaction.atomic():
        before = rows_of(scene)
        status = browser.post(address, sent).status_code
        after = rows_of(scene)
        transaction.set_rollback(True)
    return status, before - after, after - before


@pytest.mark.parametrize(
    "act",
    ["check-in", "amend", "mistake", "message", "review", "invite", "withdraw", "refuse", "join", "renew", "end",
     "freeze", "hide", "show", "state", "register", "break-glass", "end-emergency", "finding"],
)  # fmt: skip
def test_only_what_the_form_lists_changes(act: str, scene: Scene, sign_in: Callable) -> None:
    who, address, sent, listed = writing(scene)[act]
    browser = sign_in(scene.people[who])
    extra = {name: hostile(name, scene) for name in field_names() if name not in sent and name not in listed}
    plainly = changes(scene, browser, address, sent)
    fresh = {"key": uuid4()} if "key" in sent else {}
    loaded = changes(scene, browser, address, {**extra, **sent, **fresh})
    assert plainly[0] == 302, "the form alone is stored"
    assert plainly[2] != Counter()
    assert len(extra) >= 80
    assert loaded == plainly
