"""Every field of every model, posted to every writing address beside its form: only what it lists changes."""

import json
import re
import time
from collections import Counter
from collections.abc import Callable, Iterator
from http.cookies import SimpleCookie
from uuid import uuid4

import pytest
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from django.apps import apps
from django.contrib.auth.hashers import BasePasswordHasher
from django.contrib.sessions.models import Session
from django.core import mail
from django.db import connection, transaction
from django.db.models import Model
from django.test import Client, TestCase
from django.urls import resolve
from pytest_django.plugin import DjangoDbBlocker

from portal.secrecy import box
from tests import database
from tests.access_table import ACCESS, takes_posts
from tests.matrix import routes
from tests.scene import Scene, staged
from tests.tiers import sample
from tests.writing import ACTS, writing
from tests.writing_accounts import ACCOUNTS
from tests.writing_offices import OFFICES, Stage
from tests.writing_parts import PARTS

CHANGING = {"xid", "digest", "key_hash"}
MOMENT = re.compile(r"(\d{4})-\d\d-\d\dT[\d:.+]+")
KEY = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
SEALED = re.compile(r"gAAAA[\w=-]+")
NO_PASSWORD = re.compile(r'"![A-Za-z0-9]{40}"')
SESSION = re.compile(r'"[a-z0-9]{32}"')  # the key of one
READERS = ("seated", "stranger", "administrator", "auditor")  # who together see every row
OURS = ("portal", "tracker", "conditions")
LIBRARIES = ("account", "mfa", "usersessions", "sessions", "socialaccount")
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
    "password": "mallory knows it",
    "verified": "on",
    "primary": "on",
    "clinically_approved": "on",
    "snapshot": "{}",
    "data": "{}",
}
INLINE = {"id", "condition", "statement"}  # what a formset has in every row and compares with the address
READS = "it reads; the trail alone is written"
LOOKS = "a list, a history or a way on, which writes nothing"
LEFT_OUT = {
    "account_confirm_login_code": "no code is mailed to sign in with",
    "account_signup": "closed: an account begins with an invitation or with an administrator",
    "admin:<path:object_id>/": LOOKS,
    "admin:app_list": LOOKS,
    "admin:index": LOOKS,
    "admin:login": LOOKS,
    "admin:logout": "it ends one's own session and reads no field",
    "admin:conditions_condition_changelist": LOOKS,
    "admin:conditions_condition_sources": READS,
    "admin:conditions_condition_statements": READS,
    "admin:conditions_condition_translations": LOOKS,
    "admin:conditions_feedback_changelist": LOOKS,
    "admin:conditions_release_changelist": LOOKS,
    "admin:portal_user_changelist": LOOKS,
    "admin:tracker_clinic_changelist": LOOKS,
    "admin:tracker_patient_changelist": LOOKS,
    **{f"admin:conditions_{word}_history": LOOKS for word in ("condition", "release", "section", "source")},
    **{f"admin:conditions_{word}_history": LOOKS for word in PARTS},
    "admin:conditions_feedback_history": LOOKS,
    **{f"admin:tracker_{word}_history": LOOKS for word in ("clinic", "patient")},
    "admin:conditions_statement_history": LOOKS,
    "admin:conditions_statement_search": LOOKS,
    "admin:portal_user_history": LOOKS,
    "csp-report": "it takes no form",
    "tracker:worklist": READS,
    "tracker:worklist-export": READS,
    "tracker:worklist-text": READS,
    "trail-people": READS,
}


@pytest.fixture(scope="module")
def scene(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Scene]:
    with staged(django_db_blocker) as made:
        yield made


def models(*labels: str) -> list[type[Model]]:
    return [model for label in labels for model in apps.get_app_config(label).get_models()]


def field_names() -> list[str]:
    """Of every model that is ours or holds an account, as a column and as an attribute."""
    fields = [each for model in models(*OURS, *LIBRARIES) for each in model._meta.concrete_fields]
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


def beside(sent: dict[str, object], listed: set[str] | frozenset[str], scene: Scene) -> dict[str, str]:
    """Every field that the form does not list; in rows of a formset as well."""
    rows = {name.rpartition("-")[0] + "-" for name in sent if re.search(r"-\d+-", name)}
    names = field_names() + [row + name for row in rows for name in field_names() if name not in INLINE]
    unlisted = [name for name in names if name not in sent and name not in listed]
    return {name: hostile(name.rpartition("-")[2], scene) for name in unlisted}


def rows_of(scene: Scene) -> Counter[tuple[str, str]]:
    """Every row of every table that the web role reads, without what is new each time."""
    tables = readable()
    listed = " UNION ALL ".join(f"SELECT '{table}', to_jsonb(t) FROM {table} t" for table in tables)
    seen: Counter[tuple[str, str]] = Counter()
    for who in READERS:
        with transaction.atomic(), scene.acting(who), connection.cursor() as cursor:
            cursor.execute(listed)
            seen |= Counter((table, plain(row, scene)) for table, row in cursor.fetchall())
    seen.update(("django_session", told(session)) for session in Session.objects.all())
    return seen


def readable() -> list[str]:
    """Every table but the counts of attempts and the sessions, whose rows are sealed."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' AND"
            " has_table_privilege(oid, 'SELECT') AND relname NOT IN ('portal_cache', 'django_session')"
        )
        return [name for (name,) in cursor.fetchall()]


def told(session: Session) -> str:
    """What a session holds, without its times."""
    return re.sub(r"\b1\d{9}(\.\d+)?\b", "", json.dumps(session.get_decoded(), sort_keys=True))


def plain(row: str | dict, scene: Scene) -> str:
    """A row as text: of a moment its year, of a key that nobody knew before nothing, nothing sealed."""
    values = json.loads(row) if isinstance(row, str) else row
    told = json.dumps({name: each for name, each in values.items() if name not in CHANGING}, sort_keys=True)
    patients = {str(patient.pk) for patient in scene.patients.values()}
    told = KEY.sub(lambda found: found[0] if found[0] in patients else "", told)
    told = SEALED.sub(lambda found: box("factors").decrypt(found[0]).decode(), told)
    return MOMENT.sub(r"\1", SESSION.sub("", NO_PASSWORD.sub("", told)))


def change(scene: Scene, browser: Client, address: str, sent: dict[str, object]) -> tuple[int, Counter]:
    """What a POST answers, and every row and mail as they are then; undone afterwards."""
    mail.outbox.clear()
    numbers = next_numbers()
    cookies = browser.cookies.output(header="", sep=";")
    with transaction.atomic():
        with TestCase.captureOnCommitCallbacks(execute=True):
            status = browser.post(address, sent).status_code
        after = rows_of(scene)
        after.update(("mail", f"{letter.to} {letter.subject}") for letter in mail.outbox)
        transaction.set_rollback(True)
    browser.cookies = SimpleCookie(cookies)
    give_back(numbers)
    return status, after


def next_numbers() -> list[tuple[str, int, bool]]:
    """How far every sequence has counted."""
    with database.SERVER.connect(database.NAME) as superuser:
        counted = "SELECT sequencename, coalesce(last_value, 1), last_value IS NOT NULL FROM pg_sequences"
        return superuser.execute(f"{counted} WHERE schemaname = 'public'").fetchall()


def give_back(numbers: list[tuple[str, int, bool]]) -> None:
    """Count on from there, which a rollback alone does not bring about."""
    with database.SERVER.connect(database.NAME) as superuser, superuser.cursor() as cursor:
        cursor.executemany("SELECT setval(quote_ident(%s)::regclass, %s, %s)", numbers)


@pytest.mark.parametrize("act", sample([*ACTS], 3))
def test_only_what_the_form_lists_changes(act: str, scene: Scene, sign_in: Callable) -> None:
    who, address, sent, listed = writing(scene)[act]
    browser, before = sign_in(scene.people[who]), rows_of(scene)
    extra = beside(sent, listed, scene)
    fresh = {"key": uuid4()} if "key" in sent else {}
    plainly = change(scene, browser, address, sent)
    loaded = change(scene, browser, address, {**extra, **sent, **fresh})
    assert plainly[0] == 302, "the form alone is stored"
    assert plainly[1] != before
    assert len(extra) >= 80
    assert loaded[0] == 302
    assert (loaded[1] - plainly[1], plainly[1] - loaded[1]) == (Counter(), Counter())


@pytest.fixture
def no_chance(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same password has the same hash, recovery codes are the same, and an app's code does not expire.

    Both posts send one code; counting every row between them may take longer than its 30 seconds.
    """
    counter = int(time.time()) // 30
    around = [counter + step for step in range(-1, 3)]  # the code is made after this, perhaps a period on
    monkeypatch.setattr("allauth.mfa.totp.internal.auth.yield_hotp_counters_from_time", lambda: iter(around))
    monkeypatch.setattr(BasePasswordHasher, "salt", lambda _: "s" * 22)
    monkeypatch.setattr(RecoveryCodes, "generate_seed", classmethod(lambda _: "seed"))


@pytest.mark.parametrize("name", sample([*OFFICES, *ACCOUNTS], 3))
def test_only_what_the_page_lists_changes(
    name: str, scene: Scene, sign_in: Callable, no_chance: None
) -> None:
    """The admin site, signing in, and one's own account."""
    with transaction.atomic():
        form = {**OFFICES, **ACCOUNTS}[name](Stage(scene, sign_in))
        assert resolve(form.address).view_name == name.partition(" ")[0]
        before, extra = rows_of(scene), beside(form.sent, form.listed, scene)
        plainly = change(scene, form.browser, form.address, form.sent)
        loaded = change(scene, form.browser, form.address, {**extra, **form.sent})
        transaction.set_rollback(True)
    assert (plainly[0], loaded[0]) == (form.status, form.status)
    assert plainly[1] != before, "the form alone is stored"
    assert len(extra) >= 80
    assert (loaded[1] - plainly[1], plainly[1] - loaded[1]) == (Counter(), Counter())


def test_every_writing_address_is_posted(scene: Scene) -> None:
    """A route that takes a form is filled in above, or left out for a reason."""
    posted = {resolve(address).view_name for _, address, _, _ in writing(scene).values()}
    posted |= {name.partition(" ")[0] for name in (*OFFICES, *ACCOUNTS)}
    takes = {name for name, _ in routes() if name not in ACCESS or takes_posts(name)}
    assert takes - posted - set(LEFT_OUT) == set()
    assert set(LEFT_OUT) - takes == set()
    assert set(LEFT_OUT) & posted == set()
    assert set(writing(scene)) == set(ACTS)
