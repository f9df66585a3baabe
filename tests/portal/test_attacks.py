"""What somebody who may run any SQL as the web role gains of the records: nothing.

Each attack is a sentence and a statement. What stays open is named. The web role may lock `portal_user`
and take advisory locks, may change its own password and defaults, and whoever catches a signed identity
may use it for five minutes; statements, which hold identities, are therefore hidden from other sessions.
Signing in is done by nobody in particular, before there is an identity: so the web role reads password
hashes, writes a new one, and changes addresses, factors and jobs. By these an attacker makes an account
theirs, and then signs in; the second factor's secret stays ciphertext, and the trail has the sign-in.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from typing import NamedTuple
from uuid import uuid4

import pytest
from django.db import DatabaseError, connection, transaction
from django.utils import timezone
from pytest_django.plugin import DjangoDbBlocker

from portal.identity import acting_for, sign, speaking_as
from tests.scene import CANARIES, Scene, staged
from tracker.models import (
    CheckIn,
    ClinicianRating,
    Dose,
    DueItem,
    EmergencyAccess,
    Episode,
    Flag,
    Invitation,
    Mark,
    Redaction,
    Review,
    Seat,
    Tag,
    Treatment,
)

NOT_ALLOWED = {
    "42501",  # insufficient privilege: grants, policies, and our own refusals
    "42883",  # no such function: dblink
    "42P01",  # no such table: the trigger cannot write where it was misled, so neither can the attack
}


class Attack(NamedTuple):
    """`who` tries `statement`, to do what the sentence says."""

    sentence: str
    who: str
    statement: str


@pytest.fixture(scope="module", autouse=True)
def scene(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Scene]:
    with staged(django_db_blocker) as made:
        yield made


@pytest.fixture(scope="module")
def facts(scene: Scene) -> dict[str, object]:
    """Every key an attacker could have learned, by name."""
    known = {word: patient.pk for word, patient in scene.patients.items()}
    known |= {f"user_{word}": person.pk for word, person in scene.people.items() if person}
    with scene.acting("seated"):
        known |= rows_of(scene)
    with scene.acting("other"):
        known["foreign_entry"] = CheckIn.objects.filter(replaces=None).first().pk
        known["foreign_seat"] = Seat.objects.get(user=scene.people["other"]).pk
        known["foreign_clinic"] = scene.foreign.clinic_id
    return {**known, "any": uuid4(), "clinic": scene.child.clinic_id}


def rows_of(scene: Scene) -> dict[str, object]:
    """Keys of the rows of `child`, as its clinician reads them."""
    entries = CheckIn.objects.filter(author=scene.people["own"], error_reason="", replaced_by=None)
    return {
        "entry": entries.exclude(pk__in=scene.hidden).get().pk,
        "hidden_entry": entries.get(pk__in=scene.hidden).pk,
        "private_entry": next(iter(scene.private)),
        "review": Review.objects.get(undoing=None).pk,
        "treatment": Treatment.objects.get().pk,
        "rating": ClinicianRating.objects.get().pk,
        "dose": Dose.objects.get().pk,
        "episode": Episode.objects.get().pk,
        "mark": Mark.objects.get().pk,
        "due": DueItem.objects.get().pk,
        "tag": Tag.objects.get(taggings__patient=scene.child).pk,
        "redaction": Redaction.objects.get(lifted_at=None).pk,
        "offer": Invitation.objects.get(accepted_at=None).pk,
        "seat_own": Seat.objects.get(user=scene.people["own"]).pk,
        "seat_former": Seat.objects.get(user=scene.people["former"]).pk,
        "emergency": EmergencyAccess.objects.get().pk,
    }


def tell(statement: str, values: dict[str, object] | None = None) -> None:
    """Run it, and check now what is checked at the end of a transaction."""
    rows(statement, values)
    rows("SET CONSTRAINTS ALL IMMEDIATE")


def rows(statement: str, values: dict[str, object] | None = None) -> list[tuple]:
    """Run it: the rows it gives, or one for each row it changed."""
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return cursor.fetchall() if cursor.description else [()] * max(cursor.rowcount, 0)


CHECK_IN = """INSERT INTO tracker_checkin (id, patient_id, author_id, key, digest, kind, audience,
    occurred_at,
    zone, local_date, received_at, worried, by_phone, note, error_reason, replaces_id) VALUES
    (gen_random_uuid(), {patient}, {author}, gen_random_uuid(), '', 'daily', 'family', now(), 'UTC',
    current_date,
    now(), false, {by_phone}, 'forged', {error}, {replaces})"""


def entry_of(
    patient: str = "%(child)s",
    *,
    author: str = "steady_user()",
    by_phone: str = "false",
    error: str = "''",
    replaces: str = "NULL",
) -> str:
    return CHECK_IN.format(patient=patient, author=author, by_phone=by_phone, error=error, replaces=replaces)


def event_of(actor: str, more: str = "", values: str = "") -> str:
    return f"""INSERT INTO portal_auditevent (id, at, actor_id, actor_name, action, target, patients{more})
        SELECT gen_random_uuid(), now(), {actor}, 'x', 'forged', '', '{{}}'::uuid[]{values}"""


def seat_of(patient: str, user: str, basis: str = "care_team", *, by: str = "steady_user()") -> str:
    return f"""INSERT INTO tracker_seat (patient_id, user_id, basis, ground, decided_by_id, starts_at,
    ends_at)
        VALUES ({patient}, {user}, '{basis}', 'care', {by}, now(), now() + interval '50 minutes')"""


def offer_of(patient: str, *, by: str = "steady_user()") -> str:
    return f"""INSERT INTO tracker_invitation (key, patient_id, email, name, basis, ground, seat_ends_at,
        invited_by_id, invited_at, expires_at) VALUES (gen_random_uuid(), {patient}, 'mine@test.example',
        'Me',
        'parent', 'court', now() + interval '1 year', {by}, now(), now() + interval '1 day')"""


PERSON = """INSERT INTO portal_user (email, name, roles, is_active, joined_at, password)
    VALUES ('{email}', 'x', '{{{role}}}', true, now(), 'x')"""

BECOMING = [
    *(
        Attack(f"becomes {role}", "own", f"SET ROLE {role}")
        for role in (
            "steady_owner",
            "steady_policy",
            "steady_worker",
            "steady_backup",
            "postgres",
            "pg_monitor",
        )
    ),
    Attack("signs in as the owner", "own", "SET SESSION AUTHORIZATION steady_owner"),
    Attack("signs in as the superuser", "own", "SET SESSION AUTHORIZATION postgres"),
    Attack("becomes the owner inside a block", "own", "DO $$ BEGIN EXECUTE 'SET ROLE steady_owner'; END $$"),
    Attack("joins the policy role", "own", "GRANT steady_policy TO steady_web"),
    Attack("makes itself a superuser", "own", "ALTER ROLE steady_web SUPERUSER"),
    Attack("bypasses row-level security", "own", "ALTER ROLE steady_web BYPASSRLS"),
    Attack("makes a role", "own", "CREATE ROLE mine LOGIN"),
    Attack("takes over the owner's tables", "own", "REASSIGN OWNED BY steady_owner TO steady_web"),
]
SWITCHES = [
    Attack("switches off its policies", "unseated", "SET LOCAL row_security = off; SELECT * FROM"
       " tracker_patient"),
    Attack("switches off triggers by replication", "own", "SET session_replication_role = replica"),
    Attack("switches off the server's log", "own", "SET log_statement = 'none'"),
    Attack("opens a table", "own", "ALTER TABLE tracker_checkin DISABLE ROW LEVEL SECURITY"),
    Attack("frees the owner", "own", "ALTER TABLE tracker_checkin NO FORCE ROW LEVEL SECURITY"),
    Attack("stops all triggers", "own", "ALTER TABLE portal_auditevent DISABLE TRIGGER ALL"),
    Attack("writes what readers find", "editor", "SELECT index_condition(1)"),
    Attack("forges a settled word of a reader", "own", "INSERT INTO conditions_feedback (key, condition_id,"
        " release_id, kind, text, sent_at, status, note, draft, settled_at) SELECT gen_random_uuid(), 1, 1,"
        " 'helpful', '', now(), 'closed', 'x', '', now()"),
    Attack("drops a guard", "own", "DROP TRIGGER append_only ON portal_auditevent"),
    Attack("widens a policy", "own", "ALTER POLICY tracker_patient_read ON tracker_patient USING (true)"),
    Attack("drops a policy", "own", "DROP POLICY tracker_patient_read ON tracker_patient"),
    Attack("adds a policy", "own", "CREATE POLICY mine ON tracker_patient USING (true)"),
    Attack("takes a table", "own", "ALTER TABLE tracker_patient OWNER TO steady_web"),
    Attack("drops a constraint", "own", "ALTER TABLE tracker_seat DROP CONSTRAINT seat_on_behalf_ends"),
    Attack("gives itself the key", "own", "GRANT SELECT ON portal_identitykey TO steady_web"),
    Attack("says who it is", "own", "ALTER FUNCTION steady_user() SECURITY INVOKER"),
    Attack("hides the past from its trigger", "seated", "SET LOCAL search_path = pg_catalog; UPDATE"
           " public.tracker_patient SET zone = 'Asia/Tokyo' WHERE key = %(child)s"),
]  # fmt: skip
MAKING = [
    Attack(f"makes a {what}", "own", f"CREATE {statement}")
    for what, statement in {
        "temporary table": "TEMP TABLE tracker_patientpast (x int)",
        "temporary function": "FUNCTION pg_temp.leak(x text) RETURNS boolean LANGUAGE sql AS 'SELECT true'",
        "function": "FUNCTION leak() RETURNS int LANGUAGE sql AS 'SELECT 1'",
        "new steady_user()": "OR REPLACE FUNCTION steady_user() RETURNS bigint LANGUAGE sql AS 'SELECT"
        " 1::bigint'",
        "table": "TABLE mine (x int)",
        "copy of a table": "TABLE mine AS SELECT * FROM tracker_patient",
        "view": "VIEW mine AS SELECT * FROM tracker_patient",
        "materialised view": "MATERIALIZED VIEW mine AS SELECT * FROM tracker_patient",
        "schema": "SCHEMA mine",
        "operator": "OPERATOR public.=== (LEFTARG = text, RIGHTARG = text, FUNCTION = texteq)",
        "cast": "CAST (uuid AS bytea) WITHOUT FUNCTION",
        "trigger": "TRIGGER mine AFTER INSERT ON tracker_checkin EXECUTE FUNCTION refuse_change()",
        "rule": "RULE mine AS ON INSERT TO tracker_message DO INSTEAD NOTHING",
        "index": "INDEX mine ON tracker_patient (name)",
        "event trigger": "EVENT TRIGGER mine ON ddl_command_end EXECUTE FUNCTION refuse_change()",
        "publication": "PUBLICATION mine FOR TABLE tracker_patient",
        "foreign data wrapper": "FOREIGN DATA WRAPPER mine",
        "dblink": "EXTENSION dblink",
        "postgres_fdw": "EXTENSION postgres_fdw",
        "pageinspect": "EXTENSION pageinspect",
    }.items()
]
SERVER = [
    Attack("asks another server", "own", "SELECT dblink_connect('host=example.org')"),
    Attack("reads a file", "own", "SELECT pg_read_file('PG_VERSION')"),
    Attack("reads the identity key", "own", "SELECT pg_read_binary_file('steady_identity/x', 0, 128, true)"),
    Attack("lists a directory", "own", "SELECT pg_ls_dir('.')"),
    Attack("asks about a file", "own", "SELECT pg_stat_file('PG_VERSION')"),
    Attack("takes in a file", "own", "SELECT lo_import('/etc/hostname')"),
    Attack("writes a file", "own", "SELECT lo_export(1, '/tmp/mine')"),
    Attack("keeps a large object", "own", "SELECT lo_from_bytea(0, 'x')"),
    Attack("begins a large object", "own", "SELECT lo_creat(-1)"),
    Attack("copies to a program", "seated", "COPY tracker_patient TO PROGRAM 'cat'"),
    Attack("copies to a file", "seated", "COPY tracker_patient TO '/tmp/mine'"),
    Attack("copies from a file", "own", "COPY tracker_message FROM '/etc/hostname'"),
    Attack("copies from a program", "own", "COPY tracker_message FROM PROGRAM 'id'"),
    Attack("loads a library", "own", "LOAD '/tmp/mine.so'"),
    Attack("reads the key's name", "own", "SELECT * FROM portal_identitykey"),
    Attack("reads passwords of roles", "own", "SELECT * FROM pg_authid"),
    Attack("reads passwords of logins", "own", "SELECT * FROM pg_shadow"),
    Attack("reads what others ask now", "own", "SELECT query FROM pg_stat_activity"),
    Attack("reads what one other asks now", "own", "SELECT pg_stat_get_backend_activity(1)"),
    Attack("reads samples of columns", "own", "SELECT * FROM pg_statistic"),
    Attack("reads large objects raw", "own", "SELECT * FROM pg_largeobject"),
    Attack("reads who may connect", "own", "SELECT * FROM pg_hba_file_rules"),
    Attack("locks the diary", "own", "LOCK TABLE tracker_checkin IN ACCESS EXCLUSIVE MODE"),
    Attack("locks an entry", "own", "SELECT 1 FROM tracker_checkin FOR UPDATE"),
    Attack("moves a counter", "own", "SELECT setval('portal_user_id_seq', 1)"),
]
TRAIL = [
    Attack("writes an act of somebody else", "own", event_of("%(user_seated)s")),
    Attack("writes an act of somebody else as nobody", "own",
           event_of("%(user_seated)s", values=" FROM set_config('steady.identity', '', true)")),
    Attack("writes its own act as nobody's", "own", event_of("NULL::bigint")),
    Attack("writes an act of an earlier transaction", "own", event_of("steady_user()", ", xid", ", 1")),
    Attack("writes an act of another server", "own", event_of("steady_user()", ", epoch", ", 1")),
    Attack("writes past states of a seat", "auditor",
           "INSERT INTO tracker_seatpast SELECT * FROM tracker_seatpast LIMIT 1"),
    Attack("writes past states of a patient", "auditor",
           "INSERT INTO tracker_patientpast SELECT * FROM tracker_patientpast LIMIT 1"),
    Attack("writes past states of a person", "auditor",
           "INSERT INTO portal_userpast SELECT * FROM portal_userpast LIMIT 1"),
    Attack("writes a seal", "auditor", "INSERT INTO portal_seal (epoch, first, until, rows, digest, chain,"
           " sealed_at) VALUES (1, 1, 2, 0, 'x', 'x', now())"),
    Attack("marks the database as a demonstration", "editor", "INSERT INTO portal_demomark VALUES (true)"),
]  # fmt: skip
PEOPLE = [
    Attack("raises its own roles", "own",
           "UPDATE portal_user SET roles = '{family,clinician}' WHERE id = steady_user()"),
    Attack("raises roles as nobody", "anonymous", "UPDATE portal_user SET roles = '{auditor}'"),
    Attack("brings a person back", "anonymous", "UPDATE portal_user SET is_active = NOT is_active"),
    Attack("takes another's number", "own", "UPDATE portal_user SET id = 0 WHERE id = steady_user()"),
    Attack("makes a clinician", "own", PERSON.format(email="new@test.example", role="clinician")),
    Attack("makes an auditor as nobody", "anonymous", PERSON.format(email="a@test.example", role="auditor")),
    Attack("raises roles by a conflict", "own", PERSON.format(email="family@test.example", role="family")
           + " ON CONFLICT (email) DO UPDATE SET roles = '{clinician}'"),
    Attack("gives itself a role as administrator", "administrator",
           "SELECT change_person(steady_user(), 'x', '{administrator,auditor}', true)"),
    Attack("changes a person of another clinic", "administrator",
           "SELECT change_person(%(user_stranger)s, 'x', '{}', false)"),
    Attack("changes a person as a clinician", "seated", "SELECT change_person(%(user_own)s, 'x', '{}',"
       " true)"),
    Attack("hires somebody as a clinician", "seated", "INSERT INTO tracker_clinicstaff (clinic_id, user_id)"
           " VALUES (%(clinic)s, %(user_own)s)"),
    Attack("hires itself elsewhere", "administrator", "INSERT INTO tracker_clinicstaff (clinic_id, user_id)"
           " VALUES (%(foreign_clinic)s, steady_user())"),
    Attack("captures the auditor by hiring them", "administrator", "INSERT INTO tracker_clinicstaff"
           " (clinic_id, user_id) VALUES (%(clinic)s, %(user_auditor)s)"),
    Attack("captures a clinician of another clinic", "administrator", "INSERT INTO tracker_clinicstaff"
           " (clinic_id, user_id) VALUES (%(clinic)s, %(user_stranger)s)"),
]  # fmt: skip
SEATS = [
    Attack("gives itself a seat", "unseated", seat_of("%(child)s", "steady_user()")),
    Attack("gives itself a seat as administrator", "administrator", seat_of("%(child)s", "steady_user()")),
    Attack("gives itself a second seat", "seated", seat_of("%(child)s", "steady_user()")),
    Attack("gives a parent's seat", "seated", seat_of("%(child)s", "%(user_other)s", "parent")),
    Attack("gives emergency access", "seated", seat_of("%(child)s", "%(user_unseated)s", "break_glass")),
    Attack("gives a seat in another's name", "seated",
           seat_of("%(child)s", "%(user_unseated)s", by="%(user_administrator)s")),
    Attack("seats somebody of another clinic", "seated", seat_of("%(child)s", "%(user_stranger)s")),
    Attack("gives a seat at a foreign record", "seated", seat_of("%(foreign)s", "%(user_unseated)s")),
    Attack("gives a seat by emergency access", "break_glass", seat_of("%(child)s", "%(user_unseated)s")),
    Attack("gives a seat as a parent", "own", seat_of("%(child)s", "%(user_unseated)s")),
    Attack("revives an ended seat", "seated", "UPDATE tracker_seat SET ends_at = NULL WHERE id ="
       " %(seat_former)s"),
    Attack("moves a seat to another person", "seated", "UPDATE tracker_seat SET user_id = steady_user()"),
    Attack("invites as a parent", "own", offer_of("%(child)s")),
    Attack("invites to a foreign record", "seated", offer_of("%(foreign)s")),
    Attack("invites by emergency access", "break_glass", offer_of("%(child)s")),
    Attack("invites in another's name", "seated", offer_of("%(child)s", by="%(user_administrator)s")),
    Attack("redirects an offer", "seated", "UPDATE tracker_invitation SET email = 'x@test.example'"),
    Attack("accepts somebody's offer", "other", "SELECT accept_invitation(%(offer)s)"),
    Attack("accepts an offer nobody made", "other", "SELECT accept_invitation(%(any)s)"),
    Attack("accepts as nobody", "anonymous", "SELECT accept_invitation(%(offer)s)"),
    Attack("breaks the glass as a parent", "other", "SELECT break_glass('x', '2011-05-01', 'other', 'x')"),
    Attack("breaks the glass as an auditor", "auditor", "SELECT break_glass('x', '2011-05-01', 'other',"
       " 'x')"),
    Attack("breaks the glass as nobody", "anonymous", "SELECT break_glass('x', '2011-05-01', 'other', 'x')"),
    Attack("writes an emergency by hand", "unseated", "INSERT INTO tracker_emergencyaccess (seat_id,"
       " patient_id,"
           " clinician_id, purpose, reason, opened_at, finding) VALUES (%(foreign_seat)s, %(foreign)s,"
           " steady_user(), 'other', 'x', now(), '')"),
    Attack("reviews an emergency in another's name", "auditor", "UPDATE tracker_emergencyaccess SET"
       " finding = 'x',"
           " reviewed_at = now(), reviewed_by_id = %(user_administrator)s"),
    Attack("registers as a parent", "own", "SELECT register_patient(%(any)s, %(clinic)s, 'x',"
       " '2011-05-01', 'y', 'UTC')"),
    Attack("registers at another clinic", "seated",
           "SELECT register_patient(%(any)s, %(foreign_clinic)s, 'x', '2011-05-01', 'y', 'UTC')"),
    Attack("merges a foreign record into its own", "seated", "SELECT merge_patients(%(foreign)s, %(child)s)"),
    Attack("merges its own record into a foreign one", "seated", "SELECT merge_patients(%(child)s,"
       " %(foreign)s)"),
    Attack("merges by emergency access", "break_glass", "SELECT merge_patients(%(child)s, %(foreign)s)"),
    Attack("freezes in another's name", "seated", "UPDATE tracker_patient SET frozen_at = now(),"
           " frozen_by_id = %(user_unseated)s, frozen_reason = 'x'"),
    Attack("discharges in another's name", "seated", "UPDATE tracker_patient SET state = 'discharged',"
           " state_by_id = %(user_unseated)s"),
    Attack("moves a patient to another clinic", "administrator",
           "UPDATE tracker_patient SET clinic_id = %(foreign_clinic)s"),
    Attack("hides an entry as a parent", "own", "INSERT INTO tracker_redaction (patient_id, check_in_id,"
           " hidden_from_id, reason, decided_by_id, at) VALUES (%(child)s, %(entry)s, %(user_redacted)s, 'x',"
           " steady_user(), now())"),
    Attack("hides an entry by emergency access", "break_glass", "INSERT INTO tracker_redaction (patient_id,"
           " check_in_id, hidden_from_id, reason, decided_by_id, at) VALUES (%(child)s, %(entry)s,"
           " %(user_redacted)s, 'x', steady_user(), now())"),
    Attack("hides an entry in another's name", "seated", "INSERT INTO tracker_redaction (patient_id,"
       " check_in_id,"
           " hidden_from_id, reason, decided_by_id, at) VALUES (%(child)s, %(entry)s, %(user_redacted)s, 'x',"
           " %(user_unseated)s, now())"),
]  # fmt: skip
DIARY = [
    Attack("writes an entry in another's name", "own", entry_of(author="%(user_redacted)s")),
    Attack("writes an entry for a foreign patient", "own", entry_of("%(foreign)s")),
    Attack("writes an entry without a seat", "unseated", entry_of()),
    Attack("writes an entry after its seat ran out", "expired", entry_of()),
    Attack("writes an entry while frozen", "frozen", entry_of("%(shut)s")),
    Attack("writes an entry as the auditor", "auditor", entry_of()),
    Attack("pretends the clinic entered it", "own", entry_of(by_phone="true")),
    Attack("corrects another parent's entry", "redacted", entry_of(replaces="%(entry)s")),
    Attack("corrects an entry hidden from it", "redacted", entry_of(replaces="%(hidden_entry)s")),
    Attack("takes back a private entry", "own", entry_of(replaces="%(private_entry)s", error="'x'")),
    Attack("adds a rating to another's entry", "redacted",
           "INSERT INTO tracker_rating (patient_id, check_in_id, item, value) VALUES (%(child)s,"
              " %(entry)s, 'x', 3)"),
    Attack("adds a rating to a hidden entry", "redacted", "INSERT INTO tracker_rating (patient_id,"
       " check_in_id,"
           " item, value) VALUES (%(child)s, %(hidden_entry)s, 'x', 3)"),
    Attack("adds a rating to a foreign entry", "own", "INSERT INTO tracker_rating (patient_id, check_in_id,"
           " item, value) VALUES (%(child)s, %(foreign_entry)s, 'x', 3)"),
    Attack("adds a measurement to another's entry", "seated", "INSERT INTO tracker_measurement (patient_id,"
           " check_in_id, kind, value, unit) VALUES (%(child)s, %(entry)s, 'wakings', 3, '{count}')"),
    Attack("adds a score to another's entry", "seated", "INSERT INTO tracker_assessment (patient_id,"
       " check_in_id,"
           " scale, version, items, rated) VALUES (%(child)s, %(entry)s, 'x', '1', 6, 0)"),
    Attack("writes a message in another's name", "own", "INSERT INTO tracker_message (patient_id,"
       " author_id, at,"
           " text) VALUES (%(child)s, %(user_seated)s, now(), 'x')"),
    Attack("writes a message for a foreign patient", "seated", "INSERT INTO tracker_message (patient_id,"
           " author_id, at, text) VALUES (%(foreign)s, steady_user(), now(), 'x')"),
    Attack("writes a message into a review", "own", "INSERT INTO tracker_message (patient_id,"
       " author_id, at, text,"
           " review_id) VALUES (%(child)s, steady_user(), now(), 'x', %(review)s)"),
    Attack("writes a private note as a parent", "own", "INSERT INTO tracker_privatenote (patient_id,"
       " author_id, at,"
           " text) VALUES (%(child)s, steady_user(), now(), 'x')"),
    Attack("writes a private note in another's name", "seated", "INSERT INTO tracker_privatenote (patient_id,"
           " author_id, at, text) VALUES (%(child)s, %(user_no_factor)s, now(), 'x')"),
    Attack("reviews as a parent", "own", "INSERT INTO tracker_review (patient_id, reviewer_id, at,"
       " covers_until,"
           " outcome) VALUES (%(child)s, steady_user(), now(), now(), 'noted')"),
    Attack("reviews in another's name", "seated", "INSERT INTO tracker_review (patient_id, reviewer_id, at,"
           " covers_until, outcome) VALUES (%(child)s, %(user_no_factor)s, now(), now(), 'noted')"),
    Attack("plans a treatment as a parent", "own", "INSERT INTO tracker_treatment (patient_id, agent, form,"
           " starts_on, unit, note, recorded_by_id, recorded_at) VALUES (%(child)s, 'x', 'daily',"
              " current_date,"
           " '', '', steady_user(), now())"),
    Attack("plans a step at a foreign patient", "seated", "INSERT INTO tracker_plannedstep (patient_id,"
           " treatment_id, \"on\", amount, unit) VALUES (%(foreign)s, %(treatment)s, current_date, 1, 'mg')"),
    Attack("writes the worklist's row", "seated", "UPDATE tracker_patientstatus SET unreviewed = 0"),
    Attack("makes a worklist's row", "seated", "INSERT INTO tracker_patientstatus (patient_id,"
       " unreviewed, worried)"
           " VALUES (%(child)s, 0, false)"),
    Attack("counts a foreign diary anew", "own", "SELECT refresh_status(%(foreign)s)"),
    Attack("forgets a refusal", "seated", "DELETE FROM tracker_refusal"),
]  # fmt: skip

RATING = """INSERT INTO tracker_clinicianrating (id, patient_id, rater_id, "on", at, setting, scale,
    version, items, rated, total, note, error_reason) VALUES (gen_random_uuid(), {patient}, {rater},
    current_date, now(), 'clinic', 'mitchell-pike', '1', 6, 6, 0, '', '')"""
DOSE = """INSERT INTO tracker_dose (id, patient_id, treatment_id, author_id, key, status, unit, reason,
    occurred_at, zone, local_date, received_at, error_reason) VALUES (gen_random_uuid(), {patient},
    %(treatment)s, {author}, gen_random_uuid(), 'taken', '', '', now(), 'UTC', current_date, now(), '')"""
FLAG = """INSERT INTO tracker_flag (id, patient_id, kind, tier, rule, version, "on", raised_at, reason,
    evidence) VALUES (gen_random_uuid(), {patient}, 'watch', 1, 'forged', '1', current_date, now(), 'x',
    '{{}}')"""


def charted(table: str, patient: str = "%(child)s", by: str = "steady_user()") -> str:
    """A row of what clinicians keep in mind, set by somebody."""
    columns, values = {
        "episode": (
            "started_on, trigger, treated_with, returned_on, note",
            "'2020-01-01', 'none', '', '2020-02-01', ''",
        ),
        "mark": ("name, starts_on", "'steroid_exposed', current_date"),
        "dueitem": ("kind, text, due_on, dropped_reason", "'scan', '', current_date, ''"),
        "tagging": ("tag_id", "%(tag)s"),
    }[table]
    return f"""INSERT INTO tracker_{table} (patient_id, {columns}, set_by_id, set_at)
        VALUES ({patient}, {values}, {by}, now())"""


NOTED = ("episode", "mark", "dueitem", "tagging")
CHART = [
    Attack("rates in another's name", "seated",
           RATING.format(patient="%(child)s", rater="%(user_no_factor)s")),
    Attack("rates a foreign patient", "seated", RATING.format(patient="%(foreign)s", rater="steady_user()")),
    Attack("rates as a parent", "own", RATING.format(patient="%(child)s", rater="steady_user()")),
    Attack("adds an item as a parent", "own", "INSERT INTO tracker_clinicianitem (patient_id, rating_id,"
           " item, value) VALUES (%(child)s, %(rating)s, 'x', 3)"),
    Attack("rewrites a rating", "seated", "UPDATE tracker_clinicianrating SET total = 0"),
    Attack("rewrites an item", "seated", "UPDATE tracker_clinicianitem SET value = 0"),
    Attack("deletes a rating", "seated", "DELETE FROM tracker_clinicianrating"),
    Attack("records a dose in another's name", "own",
           DOSE.format(patient="%(child)s", author="%(user_seated)s")),
    Attack("records a dose at a foreign patient", "seated",
           DOSE.format(patient="%(foreign)s", author="steady_user()")),
    Attack("records a dose after its seat ran out", "expired",
           DOSE.format(patient="%(child)s", author="steady_user()")),
    Attack("rewrites a dose", "own", "UPDATE tracker_dose SET status = 'taken'"),
    Attack("deletes a dose", "own", "DELETE FROM tracker_dose"),
    Attack("ticks a sign in another's entry", "redacted", "INSERT INTO tracker_sign (patient_id, check_in_id,"
           " name) VALUES (%(child)s, %(entry)s, 'seizure')"),
    Attack("ticks a sign in a foreign entry", "own", "INSERT INTO tracker_sign (patient_id, check_in_id,"
           " name) VALUES (%(child)s, %(foreign_entry)s, 'seizure')"),
    Attack("takes a sign away", "own", "DELETE FROM tracker_sign"),
    Attack("raises a flag by hand", "seated", FLAG.format(patient="%(child)s")),
    Attack("raises a flag as a parent", "own", FLAG.format(patient="%(child)s")),
    Attack("lowers a flag", "seated", "UPDATE tracker_flag SET tier = 1"),
    Attack("forgets a flag", "seated", "DELETE FROM tracker_flag"),
    Attack("takes back another's review", "no_factor", "INSERT INTO tracker_reviewundoing (patient_id,"
           " review_id, by_id, at) VALUES (%(child)s, %(review)s, steady_user(), now())"),
    Attack("takes back a review in another's name", "no_factor", "INSERT INTO tracker_reviewundoing"
           " (patient_id, review_id, by_id, at) VALUES (%(child)s, %(review)s, %(user_seated)s, now())"),
    Attack("takes back a review as a parent", "own", "INSERT INTO tracker_reviewundoing (patient_id,"
           " review_id, by_id, at) VALUES (%(child)s, %(review)s, steady_user(), now())"),
    *(Attack(f"writes {table} in another's name", "seated", charted(table, by="%(user_no_factor)s"))
      for table in NOTED),
    *(Attack(f"writes {table} at a foreign patient", "seated", charted(table, "%(foreign)s"))
      for table in NOTED),
    *(Attack(f"writes {table} as a parent", "own", charted(table)) for table in NOTED),
    *(Attack(f"writes {table} without a seat", "unseated", charted(table)) for table in NOTED),
    *(Attack(f"deletes from {table}", "seated", f"DELETE FROM tracker_{table}") for table in NOTED),
    *(Attack(f"moves {table} to another patient", "seated",
             f"UPDATE tracker_{table} SET patient_id = %(foreign)s") for table in NOTED),
    Attack("moves the beginning of an episode", "seated",
           "UPDATE tracker_episode SET started_on = '2020-01-01'"),
    Attack("signs an episode as somebody else", "seated", "UPDATE tracker_episode SET set_by_id = 0"),
    Attack("backdates a mark", "seated", "UPDATE tracker_mark SET starts_on = '2020-01-01'"),
    Attack("rewords what is due", "seated", "UPDATE tracker_dueitem SET text = 'x'"),
    Attack("rewrites a treatment's dose", "seated", "UPDATE tracker_treatment SET amount = 1"),
    Attack("rewrites a step", "seated", "UPDATE tracker_plannedstep SET amount = 1"),
    Attack("makes a tag as a parent", "own", "INSERT INTO tracker_tag (key, clinic_id, name, team) VALUES"
           " (gen_random_uuid(), %(clinic)s, 'x', false)"),
    Attack("makes a tag of another clinic", "seated", "INSERT INTO tracker_tag (key, clinic_id, name, team)"
           " VALUES (gen_random_uuid(), %(foreign_clinic)s, 'x', false)"),
    Attack("renames a tag", "seated", "UPDATE tracker_tag SET name = 'x'"),
    *(Attack(f"writes past states of {table}", "auditor",
             f"INSERT INTO tracker_{table}past SELECT * FROM tracker_{table}past LIMIT 1")
      for table in NOTED),
]  # fmt: skip

RULES = """INSERT INTO tracker_rules (clinic_id, mode, detector, worklist, trial, author_id, safety_officer,
    reason, at) VALUES ({clinic}, 'diary', '{{}}', '{{}}', '{{}}', {author}, '', 'x', now())"""
DECIDED = [
    Attack("decides for another clinic", "seated",
           RULES.format(clinic="%(foreign_clinic)s", author="steady_user()")),
    Attack("decides in another's name", "seated",
           RULES.format(clinic="%(clinic)s", author="%(user_unseated)s")),
    *(Attack(f"decides about flags as {who}", who, RULES.format(clinic="%(clinic)s", author="steady_user()"))
      for who in ("own", "administrator", "auditor", "anonymous")),
    Attack("rewrites a decision", "seated", "UPDATE tracker_rules SET mode = 'diary'"),
    Attack("forgets a decision", "seated", "DELETE FROM tracker_rules"),
    Attack("raises a flag at a foreign patient", "seated", FLAG.format(patient="%(foreign)s")),
    Attack("raises a flag as nobody", "anonymous", FLAG.format(patient="%(child)s")),
    Attack("dates a flag to another day", "own", "UPDATE tracker_flag SET raised_at = now()"),
    Attack("forgets that a review was taken back", "seated", "DELETE FROM tracker_reviewundoing"),
    Attack("moves the taking back to another review", "seated",
           "UPDATE tracker_reviewundoing SET review_id = %(review)s"),
    Attack("takes back a foreign review", "seated", "INSERT INTO tracker_reviewundoing (patient_id,"
           " review_id, by_id, at) VALUES (%(foreign)s, %(review)s, steady_user(), now())"),
    Attack("takes back a review by emergency access", "break_glass", "INSERT INTO tracker_reviewundoing"
           " (patient_id, review_id, by_id, at) VALUES (%(child)s, %(review)s, steady_user(), now())"),
    Attack("rewrites what came of a review", "seated", "UPDATE tracker_review SET outcome = 'noted'"),
]  # fmt: skip

REFUSED = [*BECOMING, *SWITCHES, *MAKING, *SERVER, *TRAIL, *PEOPLE, *SEATS, *DIARY, *CHART, *DECIDED]

FRUITLESS = [
    Attack("divides by the length of hidden names", "unseated",
           "SELECT 1 FROM tracker_patient WHERE 1 / (length(name) - 18) < 9"),
    Attack("makes hidden names into numbers", "unseated", "SELECT 1 FROM tracker_patient WHERE"
       " name::int > 0"),
    Attack("samples the table", "unseated", "SELECT * FROM tracker_patient TABLESAMPLE SYSTEM (100)"),
    Attack("asks for rows by their place", "unseated", "SELECT * FROM tracker_patient WHERE ctid <"
       " '(99,99)'"),
    Attack("reads samples of protected columns", "own", "SELECT * FROM pg_stats s JOIN pg_class c"
           " ON c.relname = s.tablename WHERE c.relrowsecurity"),
    Attack("lengthens its seat as a parent", "own", "UPDATE tracker_seat SET ends_at = ends_at +"
       " interval '1 year'"),
    Attack("lengthens emergency access", "break_glass", "UPDATE tracker_seat SET ends_at = starts_at +"
           " interval '60 minutes' WHERE ends_at <> starts_at + interval '60 minutes'"),
    Attack("ends the other parent's seat", "redacted", "UPDATE tracker_seat SET ends_at = now()"),
    Attack("ends a foreign seat", "seated", "UPDATE tracker_seat SET ends_at = now() WHERE id ="
       " %(foreign_seat)s"),
    Attack("thaws its own record", "frozen", "UPDATE tracker_patient SET frozen_at = NULL, frozen_by_id"
       " = NULL,"
           " frozen_reason = '' WHERE key = %(shut)s"),
    Attack("renames a foreign patient", "administrator", "UPDATE tracker_patient SET name = 'x' WHERE"
       " key = %(foreign)s"),
    Attack("renames its child", "own", "UPDATE tracker_patient SET name = 'x'"),
    Attack("closes a record by emergency access", "break_glass", "UPDATE tracker_patient SET zone = 'UTC'"),
    Attack("lifts what is hidden from it", "redacted", "UPDATE tracker_redaction SET lifted_at = now()"),
    Attack("lifts a hiding by emergency access", "break_glass", "UPDATE tracker_redaction SET lifted_at"
       " = now()"),
    Attack("reads what is hidden and why", "redacted", "SELECT * FROM tracker_redaction"),
    Attack("reads refusals as a parent", "own", "SELECT * FROM tracker_refusal"),
    Attack("reads offers as a parent", "own", "SELECT * FROM tracker_invitation"),
    Attack("closes an offer as a parent", "own", "UPDATE tracker_invitation SET expires_at = now()"),
    Attack("reviews an emergency as a clinician", "seated", "UPDATE tracker_emergencyaccess SET"
       " reviewed_at = now(),"
           " reviewed_by_id = steady_user(), finding = 'x'"),
    Attack("reviews its own emergency", "break_glass", "UPDATE tracker_emergencyaccess SET reviewed_at"
       " = now(),"
           " reviewed_by_id = steady_user(), finding = 'x'"),
    Attack("changes a clinic as a clinician", "seated", "UPDATE tracker_clinic SET phone = '1'"),
    Attack("changes another clinic", "administrator", "UPDATE tracker_clinic SET phone = '1' WHERE id ="
       " %(foreign_clinic)s"),
    Attack("dismisses a colleague", "seated", "DELETE FROM tracker_clinicstaff"),
    Attack("dismisses a clinician elsewhere", "administrator",
           "DELETE FROM tracker_clinicstaff WHERE clinic_id = %(foreign_clinic)s"),
    Attack("changes another person", "own", "UPDATE portal_user SET name = 'x' WHERE id <> steady_user()"),
    Attack("ends a mark as a parent", "own", "UPDATE tracker_mark SET ends_on = current_date"),
    Attack("drops what is due as a parent", "own", "UPDATE tracker_dueitem SET dropped_reason = 'x'"),
    Attack("ends a foreign episode", "seated", "UPDATE tracker_episode SET returned_on = current_date WHERE"
           " patient_id = %(foreign)s"),
    *(Attack(f"reads {table} as a parent", "own", f"SELECT * FROM tracker_{table}")
      for table in ("episode", "clinicianrating", "clinicianitem", "tagging", "flag")),
    Attack("asks who visited a foreign record", "own", "SELECT * FROM visits(%(foreign)s, 'infinity', 99)"),
    Attack("asks who visited without a seat", "unseated", "SELECT * FROM visits(%(child)s, 'infinity', 99)"),
    Attack("asks who a patient is", "unseated", "SELECT * FROM audited_identity(%(child)s)"),
    Attack("asks who a patient is as nobody", "anonymous", "SELECT * FROM audited_identity(%(child)s)"),
    Attack("opens an offer by a guessed key", "anonymous", "SELECT * FROM open_invitation(%(any)s)"),
    Attack("breaks the glass of another clinic", "unseated", "SELECT 1 WHERE break_glass('Zorillafern-17',"
           " '2011-05-01', 'other', 'x') IS NOT NULL"),
    Attack("breaks the glass with a wrong birth date", "unseated", "SELECT 1 WHERE"
       " break_glass('Quokkaberry-17',"
           " '2011-05-02', 'other', 'x') IS NOT NULL"),
    *(
        Attack(f"asks for patients as {who}", who, f"SELECT unnest(my_patients('{reach}'))")
        for who, reach in (("anonymous", "identity"), ("expired", "identity"), ("frozen", "identity"),
                           ("former", "clinical"), ("own", "clinical"), ("own", "office"), ("own", "self"),
                           ("break_glass", "office"), ("administrator", "family"), ("auditor", "identity"))
    ),
    Attack("asks for clinics to keep", "seated", "SELECT unnest(my_clinics())"),
    *(
        Attack(f"asks as {who} {what}", who, f"SELECT {asked}")
        for who in ("anonymous", "own", "seated", "administrator", "auditor")
        for what, asked in (("whom to look at again", "unnest(patients_to_look_at())"),
                            ("who has flags that wait", "waiting_flags(interval '0', interval '0')"),
                            ("whom nobody leads", "unled_patients()"))
    ),
    Attack("takes the lead as a parent", "own", "UPDATE tracker_patient SET lead_id = steady_user()"),
    Attack("takes the lead by emergency access", "break_glass",
           "UPDATE tracker_patient SET lead_id = steady_user()"),
    Attack("takes the lead without a seat", "unseated", "UPDATE tracker_patient SET lead_id = steady_user()"),
    Attack("lengthens another clinic's rhythm", "administrator",
           "UPDATE tracker_clinic SET review_every = 366 WHERE id = %(foreign_clinic)s"),
    Attack("lengthens its clinic's rhythm", "own", "UPDATE tracker_clinic SET review_every = 366"),
    Attack("counts what others opened", "unseated", "SELECT 1 WHERE records_opened('-infinity') > 0"),
    Attack("counts what others took along", "unseated", "SELECT 1 WHERE records_taken('-infinity') > 0"),
]  # fmt: skip


def named(attacks: list[Attack]) -> list:
    return [pytest.param(each, id=f"{each.who} {each.sentence}") for each in attacks]


@pytest.mark.parametrize("attack", named(REFUSED))
def test_is_refused(attack: Attack, scene: Scene, facts: dict) -> None:
    with pytest.raises(DatabaseError) as refusal, transaction.atomic(), scene.acting(attack.who):
        tell(attack.statement, facts)
    # A mere mistake in the statement would prove nothing.
    assert refusal.value.__cause__.sqlstate in NOT_ALLOWED, refusal.value


@pytest.mark.parametrize("attack", named(FRUITLESS))
def test_gives_nothing(attack: Attack, scene: Scene, facts: dict) -> None:
    with transaction.atomic(), scene.acting(attack.who):
        assert rows(attack.statement, facts) == []


def test_attacks_are_many_and_each_is_its_own() -> None:
    every = [attack[1:] for attack in (*REFUSED, *FRUITLESS)]
    print(f"\n{len(REFUSED)} attacks refused, {len(FRUITLESS)} fruitless")
    assert len(every) == len(set(every)) >= 150


PROTECTED = "SELECT relname FROM pg_class WHERE relrowsecurity ORDER BY relname"


def test_no_protected_table_is_emptied(scene: Scene) -> None:
    tables = [name for (name,) in rows(PROTECTED)]
    assert len(tables) >= 35
    for table in tables:
        with pytest.raises(DatabaseError), transaction.atomic(), scene.acting("seated"):
            rows(f"TRUNCATE {table} CASCADE")


def test_nothing_is_deleted_from_a_protected_table(scene: Scene) -> None:
    """Clinic staff may be: by their administrator, whom the policy asks for; unsaved text by its editor."""
    for (table,) in rows(PROTECTED):
        for who in ("own", "seated", "auditor"):
            with transaction.atomic():
                try:
                    with transaction.atomic(), scene.acting(who):
                        assert rows(f"DELETE FROM {table}") == [], table
                except DatabaseError:
                    continue  # refused, as it should be
                assert table in {"tracker_clinicstaff", "conditions_unsavedtext"}


APPEND_ONLY = """SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind =
    'r' AND (
    relname ~ '^(portal|conditions|tracker)_.*past$' OR relname IN ('portal_auditevent', 'portal_seal',
    'tracker_checkin', 'tracker_rating', 'tracker_measurement', 'tracker_assessment', 'tracker_review',
    'tracker_privatenote', 'tracker_message', 'tracker_clinicalevent', 'tracker_plannedstep',
    'tracker_refusal', 'tracker_dose', 'tracker_sign', 'tracker_clinicianrating', 'tracker_clinicianitem',
    'tracker_flag', 'tracker_reviewundoing', 'tracker_rules', 'tracker_tag'))"""


def test_no_column_of_the_diary_or_the_past_is_updated() -> None:
    tables = [name for (name,) in rows(APPEND_ONLY)]
    granted = "SELECT column_name FROM information_schema.column_privileges WHERE table_name = %(table)s"
    refused = (
        f"{granted} AND grantee IN ('steady_web', 'steady_worker', 'PUBLIC') AND privilege_type = 'UPDATE'"
    )
    assert len(tables) >= 25
    assert [table for table in tables if rows(refused, {"table": table})] == []


def test_web_role_owns_nothing() -> None:
    owned = "SELECT count(*) FROM pg_class WHERE relowner = current_user::regrole"
    objects = "SELECT count(*) FROM pg_largeobject_metadata"
    grants = (
        "SELECT DISTINCT table_name FROM information_schema.table_privileges WHERE grantee IN"
        " ('steady_web', 'PUBLIC')"
        " AND table_schema = 'public' AND privilege_type IN ('TRUNCATE', 'TRIGGER', 'REFERENCES')"
    )
    assert rows(owned) == rows(objects) == [(0,)]
    assert rows(grants) == []


def test_no_view_and_no_partition_stands_beside_a_policy() -> None:
    """A view would need `security_invoker`, a partition policies of its own."""
    beside = "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN {}"
    invoker = " AND NOT coalesce(reloptions, '{{}}') @> '{{security_invoker=true}}'"
    assert rows(beside.format("('v', 'm')" + invoker.format())) == []
    assert rows(beside.format("('p', 'f')")) == rows("SELECT * FROM pg_inherits i JOIN pg_class c"
        " ON c.oid = i.inhrelid WHERE c.relkind = 'r'") == []  # fmt: skip


def test_every_definer_function_is_fenced() -> None:
    """Its search path is fixed and ends in pg_temp, the policy role owns it, PUBLIC may not run it."""
    functions = rows(
        "SELECT proname, pg_get_userbyid(proowner), proconfig, coalesce(proacl::text, '{=X}') FROM pg_proc"
        " WHERE prosecdef AND pronamespace = 'public'::regnamespace"
    )
    assert len(functions) >= 20
    for name, owner, configured, granted in functions:
        assert owner == "steady_policy", name
        (path,) = (each for each in configured if each.startswith("search_path="))
        assert path.startswith("search_path=pg_catalog"), name
        assert path.endswith("pg_temp"), name
        assert "{=X" not in granted, name
        assert ",=X" not in granted, name


def test_every_definer_function_was_attacked() -> None:
    """A new one fails here until somebody tries it with what is not theirs."""
    tried = " ".join(attack.statement for attack in (*REFUSED, *FRUITLESS))
    harmless = {f"steady_{word}" for word in ("identity", "user", "transaction", "epoch")}
    harmless |= {"i_am", "my_redactions", "wrote_entry", "wrote_dose"}
    known = (
        "SELECT proname FROM pg_proc WHERE prosecdef AND prorettype <> 'trigger'::regtype AND pronamespace ="
    )
    names = {name for (name,) in rows(f"{known} 'public'::regnamespace")}
    assert [name for name in sorted(names - harmless) if f"{name}(" not in tried] == []


FORGED = {
    "with another last letter": lambda real: real[:-1] + ("0" if real[-1] != "0" else "1"),
    "for another person": lambda real: "|".join([str(int(real.split("|")[0]) + 1), *real.split("|")[1:]]),
    "made later": lambda real: "|".join([real.split("|")[0], "9999999999", real.split("|")[2]]),
    "without a signature": lambda real: real.split("|")[0],
    "with an empty signature": lambda real: real.rpartition("|")[0] + "|",
    "with a fourth part": lambda real: real + "|1",
    "in capitals": lambda real: real.upper(),
    "of nothing but bars": lambda _: "||",
    "of a job, unsigned": lambda _: "job:seal",
}


@pytest.mark.parametrize("forge", FORGED.values(), ids=FORGED)
def test_an_identity_is_not_forged(forge: Callable[[str], str], scene: Scene) -> None:
    claim = forge(sign(str(scene.people["seated"].pk)))
    with undone():
        rows("SELECT set_config('steady.identity', %(claim)s, true)", {"claim": claim})
        with pytest.raises(DatabaseError, match="identity refused"), transaction.atomic():
            rows("SELECT * FROM tracker_patient")


@pytest.mark.parametrize(("age", "believed"), [(240, True), (360, False), (-120, False)])
def test_an_identity_is_good_for_five_minutes(
    age: int, believed: bool, scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever catches one may use it as long; so statements are hidden from other sessions."""
    (now,) = rows("SELECT extract(epoch FROM CASE WHEN %(age)s > 0 THEN now() ELSE clock_timestamp() END)",
                  {"age": age})[0]  # fmt: skip
    monkeypatch.setattr("portal.identity.time.time", lambda: int(now) - age)
    with transaction.atomic(), scene.acting("seated"):
        if believed:
            assert len(rows("SELECT * FROM tracker_patient")) == 1
        else:
            with pytest.raises(DatabaseError, match="identity refused"), transaction.atomic():
                rows("SELECT * FROM tracker_patient")


@pytest.mark.parametrize("job", ["job:seal", "job:start", "job:", "job:' OR true"])
def test_a_job_that_names_no_patient_reads_none(job: str, scene: Scene) -> None:
    """The sealing job reads the trail as the worker; signed for the web role it is nobody."""
    with transaction.atomic(), speaking_as(job):
        for table in ("tracker_patient", "tracker_checkin", "portal_auditevent", "tracker_patientpast"):
            assert rows(f"SELECT * FROM {table}") == []


def test_the_nightly_jobs_learn_what_no_person_does(scene: Scene, facts: dict) -> None:
    """There are rows to be had, and the job alone has them."""
    asked = (
        "unnest(patients_to_look_at())", "waiting_flags(interval '0', interval '0')", "unled_patients()",
    )  # fmt: skip
    late = {"kind": "same_day", "tier": 4, "rule": "late", "version": "1", "on": date(2026, 1, 2)}
    with undone():
        with scene.acting("seated"):
            decision = RULES.format(clinic="%(clinic)s", author="steady_user()")
            rows(decision.replace("'diary'", "'alerts'").replace("'', 'x'", "'Sam Safety', 'x'"), facts)
        with acting_for(scene.child.pk):
            flag = Flag(patient=scene.child, raised_at=timezone.now(), reason="x", evidence=[], **late)
            Flag.objects.bulk_create([flag])
        with scene.acting("seated"):
            rows("UPDATE tracker_patient SET lead_id = NULL RETURNING 1")
        for who in ("anonymous", "own", "seated", "unseated", "administrator", "auditor"):
            with scene.acting(who):
                assert [rows(f"SELECT {each}") for each in asked] == [[]] * len(asked)
        with speaking_as("job:look"):
            assert all(rows(f"SELECT {each}") for each in asked)


@pytest.mark.parametrize("words", ["RESET ROLE", "SET ROLE NONE", "RESET SESSION AUTHORIZATION", "RESET ALL"])
def test_falling_back_gains_nothing(words: str, scene: Scene) -> None:
    with transaction.atomic(), scene.acting("unseated"):
        rows(words)
        assert rows("SELECT current_user, session_user") == [("steady_web", "steady_web")]
        assert rows("SELECT * FROM tracker_patient") == []


def test_dropping_an_identity_gives_nobodys_rows(scene: Scene) -> None:
    with transaction.atomic(), scene.acting("seated"):
        rows("SELECT set_config('steady.identity', '', true)")
        assert rows("SELECT * FROM tracker_patient") == []


def test_copying_out_obeys_the_policies(scene: Scene) -> None:
    with transaction.atomic(), scene.acting("unseated"), connection.cursor() as cursor:
        for statement in ("COPY tracker_patient TO STDOUT", "COPY (SELECT * FROM tracker_checkin) TO STDOUT"):
            with cursor.copy(statement) as copied:
                assert list(copied) == []


def test_a_plan_prepared_by_one_serves_another_with_their_rows(scene: Scene) -> None:
    with transaction.atomic():
        with scene.acting("seated"):
            rows("PREPARE known AS SELECT name FROM tracker_patient")
            assert len(rows("EXECUTE known")) == 1
        for who in ("unseated", "other", "anonymous"):
            with scene.acting(who):
                assert CANARIES["child"] not in str(rows("EXECUTE known"))
        rows("DEALLOCATE known")


def test_history_is_not_switched_off(scene: Scene, facts: dict) -> None:
    """pgtrigger's own switch is a variable, which anybody may set."""
    past = "SELECT count(*) FROM tracker_patientpast WHERE pgh_obj_id = %(child)s"
    names = rows(
        "SELECT tgname FROM pg_trigger WHERE tgrelid = 'tracker_patient'::regclass AND NOT tgisinternal"
    )
    with undone():
        with scene.acting("auditor"):
            ((before,),) = rows(past, facts)
        with scene.acting("seated"):
            switch = "{" + ",".join(name for (name,) in names) + "}"
            rows("SELECT set_config('pgtrigger.ignore', %(switch)s, true)", {"switch": switch})
            assert (
                len(rows("UPDATE tracker_patient SET zone = 'Asia/Tokyo' WHERE key = %(child)s", facts)) == 1
            )
        with scene.acting("auditor"):
            assert rows(past, facts) == [(before + 1,)]


def test_nobody_invites_themselves(scene: Scene, facts: dict) -> None:
    """An administrator keeps seats and reads no diary, under whatever address they invite themselves."""
    mine = "email = 'mine@test.example'"
    with undone(), scene.acting("administrator"):
        rows(offer_of("%(child)s"), facts)
        rows(f"UPDATE portal_user SET {mine} WHERE id = steady_user()")
        with pytest.raises(DatabaseError, match="no such invitation"), transaction.atomic():
            rows(f"SELECT accept_invitation(key) FROM tracker_invitation WHERE {mine}")


@contextmanager
def undone() -> Iterator[None]:
    """A block of which nothing stays."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def decided_for(word: str, statement: str, scene: Scene, facts: dict) -> None:
    """What another clinician of the record decides about `word`."""
    with scene.acting("seated"):
        assert len(rows(statement, {**facts, "person": scene.people[word].pk})) == 1


def test_a_clinician_lengthens_no_seat_of_their_own(scene: Scene, facts: dict) -> None:
    ends = "UPDATE tracker_seat SET ends_at = now() + interval '1 day' WHERE user_id = %(person)s"
    with undone():
        decided_for("no_factor", ends, scene, facts)
        with (
            scene.acting("no_factor"),
            pytest.raises(DatabaseError, match="nobody lengthens"),
            transaction.atomic(),
        ):
            rows("UPDATE tracker_seat SET ends_at = NULL WHERE user_id = steady_user()")


def test_a_clinician_who_is_family_lifts_nothing_hidden_from_them(scene: Scene, facts: dict) -> None:
    hide = """INSERT INTO tracker_redaction (patient_id, check_in_id, hidden_from_id, reason,
    decided_by_id, at)
        VALUES (%(child)s, %(entry)s, %(person)s, 'x', steady_user(), now())"""
    with undone():
        decided_for("no_factor", hide, scene, facts)
        with scene.acting("no_factor"):
            theirs = "UPDATE tracker_redaction SET lifted_at = now() WHERE hidden_from_id = steady_user()"
            assert rows(theirs) == []
            assert rows("SELECT * FROM tracker_redaction WHERE hidden_from_id = steady_user()") == []
            assert rows("SELECT * FROM tracker_checkin WHERE id = %(entry)s", facts) == []


def test_a_clinician_who_is_family_does_not_thaw_the_record(scene: Scene, facts: dict) -> None:
    parent = """INSERT INTO tracker_invitation (key, patient_id, email, name, basis, ground, seat_ends_at,
        invited_by_id, invited_at, expires_at) SELECT gen_random_uuid(), %(child)s, email, name,
        'parent', 'court',
        now() + interval '1 year', steady_user(), now(), now() + interval '1 day' FROM portal_user
        WHERE id = %(person)s"""
    freeze = """UPDATE tracker_patient SET frozen_at = now(), frozen_by_id = steady_user(), frozen_reason
    = 'x'
        WHERE key = %(child)s"""
    with undone():
        decided_for("no_factor", parent, scene, facts)
        with scene.acting("no_factor"):
            theirs = "email = (SELECT email FROM portal_user WHERE id = steady_user())"
            rows(f"SELECT accept_invitation(key) FROM tracker_invitation WHERE {theirs}")
        decided_for("no_factor", freeze, scene, facts)
        with (
            scene.acting("no_factor"),
            pytest.raises(DatabaseError, match="not theirs to decide"),
            transaction.atomic(),
        ):
            rows("UPDATE tracker_patient SET frozen_at = NULL, frozen_by_id = NULL, frozen_reason = ''")
