"""What identity, row-level security and the trail cost on a million check-ins.

The same pages are measured with and without them in turns within one run, and the ratio is gated. Without
means: signed in to PostgreSQL as a superuser, whom no policy binds; no identity told; no trail written.
"""

import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from statistics import median
from unittest.mock import patch

import pytest
from django.db import connection, connections
from django.test import Client
from django.test.utils import CaptureQueriesContext

from portal.models import User
from tests import database
from tests.tracker.family_form import QUIET, address, body
from tracker.models import Patient

pytestmark = [pytest.mark.bench, pytest.mark.django_db(transaction=True)]
PATIENTS, EACH, PANEL = 10_000, 100, 300
ROUNDS, TIMES = 12, 6

FILL = """
SET session_replication_role = replica;
INSERT INTO tracker_patient (key, clinic_id, name, birth_date, record_number, zone, state, state_on,
        state_by_id, frozen_reason)
    SELECT gen_random_uuid(), {clinic}, 'Bench Example ' || n, '2021-01-01', 'B' || n, 'Europe/London',
        'active', '2026-01-01', {clinician}, '' FROM generate_series(1, {patients}) n;
INSERT INTO tracker_patientstatus (patient_id, unreviewed, worried)
    SELECT key, 0, false FROM tracker_patient ON CONFLICT DO NOTHING;
INSERT INTO tracker_seat (patient_id, user_id, basis, ground, decided_by_id, starts_at)
    SELECT key, {clinician}, 'care_team', 'care', {clinician}, now() - interval '1 year'
    FROM tracker_patient WHERE record_number LIKE 'B%' LIMIT {panel};
INSERT INTO tracker_checkin (id, patient_id, author_id, key, digest, kind, audience, occurred_at, zone,
        local_date, received_at, worried, by_phone, note, error_reason)
    SELECT gen_random_uuid(), p.key, {family}, gen_random_uuid(), '', CASE WHEN d % 7 = 0 THEN 'home_check'
        ELSE 'daily' END, 'family', now() - make_interval(days => d), 'Europe/London', current_date - d,
        now() - make_interval(days => d), false, false, '', ''
    FROM tracker_patient p, generate_series(1, {each}) d;
INSERT INTO tracker_rating (patient_id, check_in_id, item, value)
    SELECT c.patient_id, c.id, item, (hashtext(c.id::text || item) & 3) % 3
    FROM tracker_checkin c, unnest(ARRAY['eyes', 'mood']) item WHERE c.kind = 'daily';
INSERT INTO tracker_measurement (patient_id, check_in_id, kind, value, unit)
    SELECT c.patient_id, c.id, 'sleep_hours', 9, 'h' FROM tracker_checkin c;
INSERT INTO tracker_assessment (patient_id, check_in_id, scale, version, items, rated, total)
    SELECT c.patient_id, c.id, 'home-check', '1', 6, 6, 3 FROM tracker_checkin c WHERE c.kind = 'home_check';
SET session_replication_role = origin;
"""


@pytest.fixture
def million(patient: Patient, clinician: User, family: User) -> Patient:
    """The patient under test among ten thousand, each with a hundred check-ins."""
    facts = {"clinic": patient.clinic_id, "clinician": clinician.pk, "family": family.pk}
    with database.SERVER.connect(database.NAME) as server:
        server.execute(FILL.format(**facts, patients=PATIENTS, each=EACH, panel=PANEL))
        server.execute("VACUUM ANALYZE")
        row = server.execute("SELECT count(*) FROM tracker_checkin").fetchone()
    assert row is not None
    assert row[0] >= 1_000_000
    return patient


@contextmanager
def unguarded() -> Iterator[None]:
    """A superuser's connection, nobody's identity, no trail; what checks a seat finds every patient."""
    with database.SERVER.connect(database.NAME) as server:
        row = server.execute("SELECT pg_get_functiondef('my_patients(text)'::regprocedure)").fetchone()
        server.execute(
            "CREATE OR REPLACE FUNCTION my_patients(reach text) RETURNS uuid[] LANGUAGE sql STABLE"
            " AS 'SELECT array_agg(key) FROM public.tracker_patient WHERE record_number = ''R1'''"
        )
        with (
            signed_in_as("postgres"),
            patch("portal.middleware.speaking_as", nullcontext),
            patch("portal.audit.record"),
        ):
            yield
        assert row is not None
        server.execute(row[0])


@contextmanager
def signed_in_as(role: str) -> Iterator[None]:
    """Another login for Django's own connection."""
    before = connection.settings_dict["USER"]
    connections.close_all()
    connection.settings_dict["USER"] = role
    try:
        yield
    finally:
        connections.close_all()
        connection.settings_dict["USER"] = before


def milliseconds(ask: Callable[[], object]) -> list[float]:
    """One warm-up, then some requests."""
    ask()
    taken = []
    for _ in range(TIMES):
        started = time.perf_counter()
        ask()
        taken.append((time.perf_counter() - started) * 1000)
    return taken


def compare(name: str, ask: Callable[[], object]) -> float:
    """Median with the guards over median without, measured in turns."""
    guarded: list[float] = []
    bare: list[float] = []
    for _ in range(ROUNDS):
        guarded += milliseconds(ask)
        with unguarded():
            bare += milliseconds(ask)
    ratio = median(guarded) / median(bare)
    print(f"\n{name}: {median(guarded):.1f} ms guarded, {median(bare):.1f} ms without; ratio {ratio:.2f}")
    return ratio


def test_guards_cost_little_on_a_million_check_ins(
    sign_in: Callable[[User], Client], million: Patient, clinician: User, family: User
) -> None:
    doctor, phone = sign_in(clinician), sign_in(family)

    def read() -> None:
        assert doctor.get(f"/patients/{million.pk}/").status_code == 200

    def write() -> None:
        assert phone.post(address(million), body(**QUIET)).status_code == 302

    pages = compare("patient page", read)
    writes = compare("check-in", write)
    assert pages <= 1.35
    assert writes <= 1.5


def test_plans_use_indexes_on_a_million_check_ins(
    sign_in: Callable[[User], Client], million: Patient, clinician: User, family: User
) -> None:
    """Whatever a page asks of the large tables as a guarded person is answered by index."""
    doctor, phone = sign_in(clinician), sign_in(family)
    for browser, page in (
        (doctor, f"/patients/{million.pk}/"),
        (doctor, "/worklist/"),
        (phone, address(million)),
    ):
        with CaptureQueriesContext(connection) as asked:
            assert browser.get(page).status_code == 200
        plans = list(explained(browser, [query["sql"] for query in asked]))
        assert plans, page
        for plan in plans:
            scanned = re.findall(
                r"Seq Scan on tracker_(?:checkin|rating|assessment|measurement|patient)\b", plan
            )
            assert scanned == [], plan


def explained(browser: Client, statements: list[str]) -> Iterator[str]:
    """The plan of each SELECT on a large table, under the identity that the statements themselves set."""
    with connection.cursor() as cursor:
        cursor.execute("BEGIN")
        for statement in statements:
            if "set_config('steady.identity'" in statement:
                cursor.execute(statement)
            elif statement.startswith("SELECT") and "tracker_" in statement:
                cursor.execute(f"EXPLAIN {statement}")
                yield "\n".join(line for (line,) in cursor.fetchall())
        cursor.execute("ROLLBACK")
