"""Seals: each row is sealed once, no late commit is passed over, and every alteration shows."""

import io
import random
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import date, timedelta
from uuid import uuid4

import psycopg
import pytest
from django.conf import Settings
from django.core import mail
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, connections, transaction
from django.utils import timezone

from conditions.models import Condition, Section, Statement
from portal import audit, seals, tasks
from portal.identity import acting_as
from portal.models import AuditEvent, Seal, User
from tests import database
from tracker import people
from tracker.models import Patient, Seat, Treatment

pytestmark = pytest.mark.django_db(databases=["default", "owner", "worker"])
# The worker sees what is committed alone; the price is a fresh clone of the database after each test.
committed = pytest.mark.django_db(transaction=True, databases=["default", "owner", "worker"])


@pytest.fixture(autouse=True)
def disconnected() -> Iterator[None]:
    """The next test's clone begins with connections of its own."""
    yield
    connections.close_all()


@contextmanager
def superuser() -> Iterator[psycopg.Connection]:
    with closing(database.SERVER.connect(database.NAME)) as connected:
        yield connected


def seal_all() -> Seal | None:
    """Seal up to now, when nobody writes here; other test runs hold the server's own horizon back."""
    with superuser() as connected, pytest.MonkeyPatch.context() as patch:
        (now,) = connected.execute("SELECT pg_current_xact_id()::text::bigint").fetchone()
        patch.setattr(seals, "_horizon", lambda using: now)
        return seals.seal("worker")


def waiting() -> int:
    return seals.verify("owner").newer


@pytest.fixture
def busy(patient: Patient, clinician: User, family: User) -> Patient:
    """A trail and a history of some length, under five seals."""
    for turn in range(5):
        with acting_as(clinician):
            for number in range(12):
                audit.record(clinician, "patient viewed", f"{turn} {number}", patient=patient.pk)
            frozen = {"frozen_at": timezone.now(), "frozen_by": clinician, "frozen_reason": f"Reason {turn}"}
            Patient.objects.filter(pk=patient.pk).update(**frozen)
            Patient.objects.filter(pk=patient.pk).update(frozen_at=None, frozen_by=None, frozen_reason="")
        assert seal_all() is not None
    return patient


def test_seals_every_table_of_the_past() -> None:
    with connections["owner"].cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE tablename LIKE '%past' ORDER BY 1")
        past = [name for (name,) in cursor.fetchall()]
    assert len(past) >= 18
    assert list(seals.tables()) == sorted(["portal_auditevent", *past])


@committed
def test_seals_what_is_closed_and_nothing_twice(busy: Patient, clinician: User) -> None:
    newest, seal = seals.head(), Seal.objects.order_by("pk")
    assert newest is not None
    report = seals.verify("owner", newest.chain)
    assert (report.findings, report.seals, report.head, report.newer) == ([], 5, newest.chain, 0)
    assert report.rows == sum(seal.values_list("rows", flat=True)) > 60
    windows = list(seal.values_list("first", "until"))
    assert windows[0][0] == 0
    assert [first for first, _ in windows[1:]] == [until for _, until in windows[:-1]]
    assert seal_all() is None  # no new row, no new seal
    audit.record(clinician, "worklist viewed")
    report = seals.verify("owner")
    assert (report.newer, report.findings) == (1, [])


@committed
def test_two_jobs_at_once_seal_once(patient: Patient) -> None:
    with superuser() as other, other.transaction():
        other.execute("SELECT pg_advisory_xact_lock(hashtextextended('portal.seals', 0))")
        assert seal_all() is None
    assert seal_all() is not None


@committed
def test_late_commit_with_a_lower_number_is_sealed(patient: Patient, clinician: User) -> None:
    """What sealing by id or time would lose: begun before the others, committed after their seal."""
    with closing(psycopg.connect(database.SERVER.url("web", database.NAME))) as late:
        late.execute(
            "INSERT INTO portal_auditevent (id, at, actor_name, action, target, patients)"
            " VALUES (%s, now() - interval '1 hour', 'late', 'late', '', '{}')",
            [uuid4()],
        )
        audit.record(None, "early")
        seals.seal("worker")
        assert waiting() >= 1  # the early row has a higher number and waits behind the late one
        late.commit()
    seal_all()
    report = seals.verify("owner")
    assert (report.newer, report.findings) == (0, [])


@committed
def test_eight_racing_writers_are_sealed_once(patient: Patient, clinician: User) -> None:
    seal_all()
    already = sum(Seal.objects.values_list("rows", flat=True))
    over, errors = threading.Event(), []

    def write(number: int) -> None:
        try:
            for turn in range(60):
                with transaction.atomic():
                    audit.record(None, "raced", f"{number} {turn}")
                    audit.record(None, "raced", f"{number} {turn} again")
        except Exception as error:  # shown by the assertion below
            errors.append(error)
        finally:
            connection.close()

    writers = [threading.Thread(target=write, args=[number]) for number in range(8)]
    for writer in writers:
        writer.start()

    def sealing() -> None:
        while not over.is_set():
            seals.seal("worker")
        connections["worker"].close()

    sealer = threading.Thread(target=sealing)
    sealer.start()
    for writer in writers:
        writer.join()
    over.set()
    sealer.join()
    seal_all()
    assert errors == []
    report = seals.verify("owner")
    assert (report.findings, report.newer, report.rows - already) == ([], 0, 960)


# What a superuser might do to one row: {} is the table, the row is named by its key.
LATER = "now() + interval '1 day' * random()"
ALTERATIONS: dict[str, list[str]] = {
    "portal_auditevent": [
        "UPDATE {} SET action = action || '.' WHERE id = %s",
        "UPDATE {} SET actor_id = coalesce(actor_id, 0) + 1 WHERE id = %s",
        "UPDATE {} SET patient_id = gen_random_uuid() WHERE id = %s",
        "UPDATE {} SET patients = patients || gen_random_uuid() WHERE id = %s",
        "UPDATE {} SET at = at + interval '1 microsecond' WHERE id = %s",
        f"UPDATE {{}} SET at = {LATER} WHERE id = %s",
        "UPDATE {} SET xid = xid + 1000000 WHERE id = %s",
        "UPDATE {} SET xid = -1 WHERE id = %s",
        "UPDATE {} SET epoch = epoch + 1 WHERE id = %s",
        "DELETE FROM {} WHERE id = %s",
        "INSERT INTO {0} (id, at, actor_name, action, target, patients, xid) SELECT gen_random_uuid(), at,"
        " actor_name, action, target, patients, xid FROM {0} WHERE id = %s",
    ],
    "tracker_patientpast": [
        "UPDATE {} SET frozen_reason = frozen_reason || '.' WHERE pgh_id = %s",
        "UPDATE {} SET by = 0 WHERE pgh_id = %s",
        "UPDATE {} SET by = NULL WHERE pgh_id = %s",
        f"UPDATE {{}} SET pgh_created_at = {LATER} WHERE pgh_id = %s",
        "UPDATE {} SET xid = xid + 1000000 WHERE pgh_id = %s",
        "DELETE FROM {} WHERE pgh_id = %s",
    ],
    "tracker_seatpast": [
        "UPDATE {} SET basis = 'self' WHERE pgh_id = %s",
        "UPDATE {} SET user_id = user_id + 1 WHERE pgh_id = %s",
        "UPDATE {} SET ends_at = now() + interval '1 year' WHERE pgh_id = %s",
        "DELETE FROM {} WHERE pgh_id = %s",
    ],
    "portal_seal": [
        "UPDATE {} SET rows = rows + 1 WHERE id = %s",
        "UPDATE {} SET sealed_at = sealed_at - interval '1 day' WHERE id = %s",
        "UPDATE {} SET until = until + 1 WHERE id = %s",
        "UPDATE {} SET epoch = epoch + 1 WHERE id = %s",
        "UPDATE {} SET digest = encode(sha256(digest::bytea), 'hex') WHERE id = %s",
        "UPDATE {} SET chain = encode(sha256(chain::bytea), 'hex') WHERE id = %s",
        "DELETE FROM {} WHERE id = %s",
    ],
}
KEYS = {"portal_auditevent": "id", "tracker_patientpast": "pgh_id", "tracker_seatpast": "pgh_id"}
KEYS |= {"portal_seal": "id"}


@committed
def test_every_alteration_is_found(busy: Patient) -> None:
    """300 at random, each in a transaction that is rolled back; the seed makes them the same each time."""
    newest = seals.head()
    assert newest is not None
    dice, missed = random.Random(20_26), []
    with pointed_at_the_superuser() as cursor:
        keys = {}
        for table, key in KEYS.items():
            cursor.execute(f"SELECT {key} FROM {table} ORDER BY {key}")
            keys[table] = [value for (value,) in cursor.fetchall()]
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER ALL")
        for _ in range(300):
            table = dice.choice(list(ALTERATIONS))
            alteration, key = dice.choice(ALTERATIONS[table]), dice.choice(keys[table])
            cursor.execute("SAVEPOINT trial")
            cursor.execute(alteration.format(table), [key])
            if not seals.verify("owner", newest.chain).findings:
                missed.append((alteration, key))
            cursor.execute("ROLLBACK TO SAVEPOINT trial")
    assert missed == []


@contextmanager
def pointed_at_the_superuser() -> Iterator:
    """The alias `owner` signs in as the server's superuser, whom nothing refuses, until the block ends."""
    link = connections["owner"]
    link.close()
    before, link.settings_dict["USER"] = link.settings_dict["USER"], "postgres"
    try:
        with transaction.atomic("owner"), link.cursor() as cursor:
            yield cursor
            transaction.set_rollback(True, using="owner")
    finally:
        link.close()
        link.settings_dict["USER"] = before


@committed
def test_a_chain_written_anew_lacks_the_remembered_head(busy: Patient) -> None:
    remembered = seals.head()
    assert remembered is not None
    with superuser() as connected:
        connected.execute("ALTER TABLE portal_auditevent DISABLE TRIGGER ALL")
        connected.execute("ALTER TABLE portal_seal DISABLE TRIGGER ALL")
        connected.execute("DELETE FROM portal_auditevent WHERE action = 'patient viewed'")
        connected.execute("DELETE FROM portal_seal")
    seal_all()
    assert seals.verify("owner").findings == []
    assert seals.verify("owner", remembered.chain).findings == [
        f"The remembered head {remembered.chain} is not in the chain."
    ]


@committed
def test_a_copy_on_another_server_goes_on_in_its_own_epoch(busy: Patient, clinician: User) -> None:
    """Its transactions count anew; what was sealed before, and what was not yet, stays provable."""
    audit.record(clinician, "worklist viewed")  # not sealed when the copy is taken
    before = seals.head()
    with superuser() as connected:
        connected.execute(
            "CREATE OR REPLACE FUNCTION steady_epoch() RETURNS bigint LANGUAGE sql STABLE"
            " AS 'SELECT 7::bigint'"
        )
    audit.record(clinician, "patient viewed")
    assert waiting() == 2
    assert seal_all() is not None
    epochs = list(Seal.objects.order_by("pk").values_list("epoch", flat=True))
    assert epochs.count(7) == 1
    assert len(set(epochs)) == 2
    report = seals.verify("owner", before.chain)
    assert (report.findings, report.newer) == ([], 0)


@committed
def test_nobody_who_signs_in_changes_what_was_written(patient: Patient, clinician: User) -> None:
    tables = (
        "portal_auditevent",
        "portal_seal",
        "tracker_seatpast",
        "portal_userpast",
        "tracker_patientpast",
    )
    attempts = [f"UPDATE {table} SET epoch = 0" for table in tables]
    attempts += [f"{words} {table}" for words in ("DELETE FROM", "TRUNCATE") for table in tables]
    refusals = (psycopg.errors.InsufficientPrivilege, psycopg.errors.RaiseException)
    for login in ("web", "worker", "owner"):
        with closing(psycopg.connect(database.SERVER.url(login, database.NAME), autocommit=True)) as link:
            for attempt in attempts:
                with pytest.raises(refusals):
                    link.execute(attempt)


def test_the_web_reads_no_sealed_row_and_writes_no_seal(clinician: User) -> None:
    """Not even with the job's identity, which the web process could sign."""
    audit.record(clinician, "worklist viewed")
    with seals.speaking_as(seals.JOB):
        assert AuditEvent.objects.count() == 0
    assert not seals.can_read("default")
    assert seals.can_read("worker")
    with pytest.raises(DatabaseError, match="permission denied"):
        Seal.objects.create(epoch=0, first=0, until=1, rows=0, digest="", chain="")


@committed
def test_command_says_what_it_found(busy: Patient, clinician: User) -> None:
    said, complaint = io.StringIO(), io.StringIO()
    call_command("verify_trail", head=seals.head().chain, stdout=said)
    assert "under 5 seals; 0 rows wait" in said.getvalue()
    assert "Nothing was changed." in said.getvalue()
    with superuser() as connected:
        connected.execute("ALTER TABLE portal_auditevent DISABLE TRIGGER ALL")
        connected.execute("UPDATE portal_auditevent SET action = 'x' WHERE target = '3 3'")
    with pytest.raises(CommandError) as failed:
        call_command("verify_trail", stdout=said, stderr=complaint)
    assert failed.value.returncode == 1
    assert complaint.getvalue().count("at least one was changed") == 1


def test_command_refuses_a_login_that_sees_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(seals, "can_read", lambda using: False)
    with pytest.raises(CommandError, match="may not read the trail"):
        call_command("verify_trail")


def test_head_is_mailed_without_a_name(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(seals, "head", lambda: Seal(chain="c0ffee"))
    settings.TRAIL_HEAD_TO = ""
    tasks.mail_head(timestamp=0)
    assert mail.outbox == []
    settings.TRAIL_HEAD_TO = "keeper@elsewhere.example"
    tasks.mail_head(timestamp=0)
    (letter,) = mail.outbox
    assert letter.to == ["keeper@elsewhere.example"]
    assert "has 0 seals" in letter.body
    assert "verify_trail --head c0ffee" in letter.body


def test_job_seals_on_the_workers_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []
    monkeypatch.setattr(seals, "seal", lambda: asked.append("sealed"))
    tasks.seal_trail(timestamp=0)
    assert asked == ["sealed"]


# Row history, which the seals cover: what the ORM does not see is there too, with whose identity it was.


@pytest.fixture
def last_of(auditor: User) -> Callable[[str], tuple]:
    """The act and the identity of the newest past state in a table."""

    def newest(table: str) -> tuple:
        with acting_as(auditor), connection.cursor() as cursor:
            cursor.execute(f"SELECT pgh_label, by FROM {table} ORDER BY pgh_id DESC LIMIT 1")
            return cursor.fetchone()

    return newest


def test_no_way_of_writing_passes_the_history_by(
    patient: Patient, clinician: User, colleague: User, family: User, last_of: Callable
) -> None:
    with acting_as(clinician):
        people.join_team(clinician, patient, colleague)
    assert last_of("tracker_seatpast") == ("insert", clinician.pk)
    with acting_as(clinician):
        assert Seat.objects.filter(user=colleague).update(ends_at=timezone.now() + timedelta(days=1)) == 1
    assert last_of("tracker_seatpast") == ("update", clinician.pk)
    with acting_as(clinician), connection.cursor() as cursor:
        cursor.execute("UPDATE tracker_seat SET ends_at = now() WHERE user_id = %s", [family.pk])
        assert cursor.rowcount == 1
    assert last_of("tracker_seatpast") == ("update", clinician.pk)


def test_bulk_writes_of_treatments_are_kept(patient: Patient, clinician: User, last_of: Callable) -> None:
    planned = {"patient": patient, "form": "daily", "starts_on": date(2026, 1, 1), "recorded_by": clinician}
    with acting_as(clinician):
        Treatment.objects.bulk_create([Treatment(agent=f"Agent {number}", **planned) for number in range(3)])
    assert last_of("tracker_treatmentpast") == ("insert", clinician.pk)
    with acting_as(clinician):
        assert Treatment.objects.update(note="N") == 3
    assert last_of("tracker_treatmentpast") == ("update", clinician.pk)


def test_bulk_writes_of_statements_are_kept(editor: User, last_of: Callable) -> None:
    with acting_as(editor), connection.cursor() as cursor:
        condition = Condition.objects.create(slug="c", name="C", summary="C")
        section = Section.objects.create(condition=condition, key="s", title="S")
        rows = [Statement(section=section, key=f"k{number}", text="T") for number in range(3)]
        Statement.objects.bulk_create(rows)
        assert last_of("conditions_statementpast") == ("insert", editor.pk)
        Statement.objects.filter(section=section).update(text="U")
        assert last_of("conditions_statementpast") == ("update", editor.pk)
        cursor.execute("DELETE FROM conditions_statement WHERE key = 'k1'")
        assert last_of("conditions_statementpast") == ("delete", editor.pk)


@pytest.mark.parametrize("table", ["tracker_seatpast", "conditions_statementpast", "portal_userpast"])
def test_web_role_writes_no_past_of_its_own(table: str, patient: Patient, clinician: User) -> None:
    with pytest.raises(DatabaseError, match="row-level security"), acting_as(clinician):
        connection.cursor().execute(f"INSERT INTO {table} DEFAULT VALUES")
