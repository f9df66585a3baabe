"""Row-level security with the application's own filters patched away: it alone keeps every record shut."""

from collections.abc import Iterator

import pytest
from django.db import connection, transaction
from django.db.models import QuerySet
from django.test import Client
from django.urls import reverse
from pytest_django.plugin import DjangoDbBlocker

from tests.scene import CANARIES, IDENTITIES, Scene, staged
from tracker.models import CheckIn
from tracker.models.diary import CheckInQuerySet
from tracker.models.people import PatientQuerySet
from tracker.models.status import PatientStatusQuerySet

# Whose rows an identity may see of `child`: as the care team, as the family, as the clinic's office or none.
CIRCLES = {
    "anonymous": "",
    "own": "family",
    "other": "",
    "expired": "",
    "frozen": "",
    "redacted": "family",
    "oneself": "family",
    "seated": "clinical",
    "unseated": "",
    "former": "",
    "break_glass": "clinical",
    "editor": "",
    "administrator": "office",
    "auditor": "audit",
    "no_factor": "clinical",
}
FAMILY = {"patient", "seat", "checkin", "rating", "measurement", "assessment", "treatment", "plannedstep"} | {
    "clinicalevent",
    "review",
    "reviewundoing",
    "message",
    "emergencyaccess",
    "dose",
    "sign",
    "mark",
    "dueitem",
}
CLINICAL = FAMILY | {"privatenote", "patientstatus", "redaction", "refusal", "invitation"}
CLINICAL |= {"clinicianrating", "clinicianitem", "episode", "tagging", "flag"}
TABLES = {
    "": set(),
    "family": FAMILY,
    "clinical": CLINICAL,
    "office": {"patient", "seat", "refusal", "invitation"},
    "audit": {"emergencyaccess", *(f"{word}past" for word in ("patient", "seat", "invitation"))}
    | {f"{word}past" for word in ("redaction", "treatment", "emergencyaccess", "episode", "mark")}
    | {"dueitempast", "taggingpast"},
}
NOT_BY_EMERGENCY = {"refusal", "invitation"}  # who decides about seats reads them
# Protected for what may be written: everybody reads who people are, where they work, and past content.
OPEN = {"portal_user", "tracker_clinic", "tracker_clinicstaff"}
NOT_OF_PATIENTS = {"portal_userpast", "tracker_clinicpast", "tracker_clinicstaffpast"}
OF_CLINICS = {"tracker_tag", "tracker_rules"}  # a clinic's own words, see below


@pytest.fixture(scope="module", autouse=True)
def scene(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Scene]:
    with staged(django_db_blocker) as made:
        yield made


@pytest.fixture(autouse=True)
def unfiltered(monkeypatch: pytest.MonkeyPatch) -> None:
    """`visible_to` shows everything, and so do its relatives."""

    def everything(rows: QuerySet, *_: object) -> QuerySet:
        return rows.all()

    for queries in (PatientQuerySet, CheckInQuerySet, PatientStatusQuerySet):
        for name in ("visible_to", "of_family", "kept_by"):
            if hasattr(queries, name):
                monkeypatch.setattr(queries, name, everything)


def rows(query: str, *values: object) -> list[tuple]:
    with connection.cursor() as cursor:
        cursor.execute(query, values)
        return cursor.fetchall()


def protected() -> dict[str, str]:
    """Every table under row-level security about patients, with the column that names the patient."""
    named = rows(
        """SELECT c.relname, (SELECT attname FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attname =
            CASE WHEN c.relname ~ '^tracker_patient(past)?$' THEN 'key' ELSE 'patient_id' END)
        FROM pg_class c WHERE c.relrowsecurity AND c.relkind = 'r' ORDER BY c.relname"""
    )
    return {
        table: column
        for table, column in named
        if table not in OPEN | NOT_OF_PATIENTS | OF_CLINICS and not table.startswith("conditions_")
    }


def seen(who: str, scene: Scene) -> dict[str, dict[str, int]]:
    """Rows that `who` counts, by table and by whose they are."""
    tables, words = protected(), {patient.pk: word for word, patient in scene.patients.items()}
    counted: dict[str, dict[str, int]] = {}
    with transaction.atomic(), scene.acting(who):
        for table, column in tables.items():
            groups = rows(f"SELECT {column}, count(*) FROM {table} GROUP BY 1")
            counted[table] = {words.get(key, "unknown"): number for key, number in groups}
    return counted


def test_every_protected_table_names_its_patient(scene: Scene) -> None:
    """So that the counts below are of everything; a table made later is counted as well."""
    tables = protected()
    print(f"\n{len(tables)} tables with patients, {len(IDENTITIES)} identities")
    assert len(tables) >= 36
    assert None not in tables.values()


def test_the_scene_fills_every_table(scene: Scene) -> None:
    """Else a zero would prove nothing: the owner of all rights would count rows of both patients."""
    full = {f"tracker_{word}" for word in TABLES["clinical"]}
    assert {table for table, counted in seen("seated", scene).items() if "child" in counted} >= full
    theirs = {table for table, counted in seen("stranger", scene).items() if "foreign" in counted}
    assert theirs >= full - {"tracker_emergencyaccess", "tracker_redaction"}
    assert {"child", "foreign", "shut"} <= set(seen("auditor", scene)["tracker_patientpast"])


@pytest.mark.parametrize("who", IDENTITIES)
def test_counts_no_foreign_row(who: str, scene: Scene) -> None:
    may = {f"tracker_{word}" for word in TABLES[CIRCLES[who]]}
    mine = "foreign" if who == "other" else "child"
    for table, counted in seen(who, scene).items():
        if CIRCLES[who] == "audit" and (table in may or table == "portal_auditevent"):
            continue
        if (who == "other" and table.removeprefix("tracker_") in FAMILY) or table in may:
            assert set(counted) <= {mine}, table
        else:
            assert counted == {}, table


@pytest.mark.parametrize("who", [who for who, circle in CIRCLES.items() if circle])
def test_sees_what_it_should(who: str, scene: Scene) -> None:
    """The other half of a boundary: a policy that shows nothing to anybody would pass the test above."""
    counted = seen(who, scene)
    expected = TABLES[CIRCLES[who]] - (NOT_BY_EMERGENCY if who == "break_glass" else set())
    assert {word for word in expected if not counted[f"tracker_{word}"].get("child")} == set()


def test_no_second_factor_changes_no_row(scene: Scene) -> None:
    """That they show nothing to such a person is the middleware's: rows are the same as with one."""
    assert seen("no_factor", scene) == seen("seated", scene)


DETAILS = ("tracker_rating", "tracker_measurement", "tracker_assessment", "tracker_sign")


def hangs_on(entries: set, scene: Scene, who: str) -> list[int]:
    """How many of these entries `who` counts, and how many rows that hang on them, by table."""
    with transaction.atomic(), scene.acting(who):
        known = [rows("SELECT count(*) FROM tracker_checkin WHERE id = ANY (%s)", list(entries))]
        hanging = "SELECT count(*) FROM {} WHERE check_in_id = ANY (%s)"
        known += [rows(hanging.format(table), list(entries)) for table in DETAILS]
        return [number for ((number,),) in known]


@pytest.mark.parametrize("who", ["own", "redacted"])
def test_a_private_entry_reaches_no_parent(who: str, scene: Scene) -> None:
    assert hangs_on(scene.private, scene, who) == [0, 0, 0, 0, 0]


@pytest.mark.parametrize("who", ["oneself", "seated", "break_glass"])
def test_a_private_entry_reaches_the_child_and_the_clinic(who: str, scene: Scene) -> None:
    assert hangs_on(scene.private, scene, who) == [1, 6, 1, 1, 1]


def test_a_hidden_entry_takes_its_corrections_along(scene: Scene) -> None:
    """Hidden was the middle one of three; earlier and later versions go with it, and what hangs on them."""
    assert len(scene.hidden) == 3
    assert hangs_on(scene.hidden, scene, "redacted") == [0, 0, 0, 0, 0]
    for who in ("own", "oneself", "seated", "break_glass"):
        assert hangs_on(scene.hidden, scene, who) == [3, 18, 3, 3, 3]


@pytest.mark.parametrize("who", ["own", "redacted", "oneself", "other"])
def test_no_family_reads_a_private_note(who: str, scene: Scene) -> None:
    with transaction.atomic(), scene.acting(who):
        assert rows("SELECT count(*) FROM tracker_privatenote") == [(0,)]


@pytest.mark.parametrize("who", IDENTITIES)
def test_nobody_reads_the_words_of_a_clinic_that_is_not_theirs(who: str, scene: Scene) -> None:
    """Tags of `foreign` and `shut` are South Clinic's, and everybody here is of North Clinic or of none."""
    with transaction.atomic(), scene.acting(who):
        names = " ".join(name for (name,) in rows("SELECT name FROM tracker_tag"))
    assert not [word for word in ("foreign", "shut") if CANARIES[word] in names]
    clinical = {"seated", "unseated", "former", "break_glass", "no_factor"}
    assert (CANARIES["child"] in names) is (who in clinical)


LISTS = ["/log/", "/due/", "/worklist/", "/worklist/?section=steady", "/trail/", "/admin/tracker/patient/"]
ABOUT = ["diary", "check-in", "messages", "patient", "invite"]
ABOUT += ["rate", "episode-new", "plan", "mark", "due", "tags", "pin"]
ABOUT += ["glance", "flowsheet", "entries", "review", "visitors", "seats", "state"]
# Words of one's own record that are not for the family, or not for this parent.
KEPT = ["private note", "reason of a freeze", "reason of a redaction", "reason of a refusal", "17"]
KEPT += ["note of a rating", "note of an episode", "tag", "flag"]
KEPT_FROM = {
    "own": [*KEPT, "private entry"],
    "redacted": [*KEPT, "private entry", "hidden"],
    "oneself": KEPT,
    "other": KEPT,
}


def addresses(scene: Scene, word: str) -> list[str]:
    """Every page about one record and its entries, hidden and private ones included."""
    key = scene.patients[word].pk
    doctor = "seated" if word == "child" else "stranger"
    with transaction.atomic(), scene.acting(doctor):
        entries = list(CheckIn.objects.filter(patient=key, replaced_by=None).values_list("pk", flat=True)[:4])
    return [
        *(reverse(f"tracker:{name}", args=[key]) for name in ABOUT),
        *(
            reverse(f"tracker:{name}", args=[key, entry])
            for entry in entries
            for name in ("saved", "amend", "mistake", "entry")
        ),
        f"/admin/tracker/patient/{key}/change/",
    ]


def unfit_words(who: str) -> list[str]:
    """What no page may say to `who`."""
    reached = "foreign" if who == "other" else "child" if CIRCLES[who] else ""
    foreign = [canary for word, canary in CANARIES.items() if word != reached]
    kept = [f"{CANARIES[reached]} {words}" for words in KEPT_FROM.get(who, [])]
    return [words.lower().replace(" 17", "-17") for words in (*foreign, *kept)]


@pytest.mark.parametrize("who", [who for who in IDENTITIES if who != "anonymous"])
def test_no_page_says_what_is_not_for_its_reader(who: str, scene: Scene) -> None:
    """Over HTTP, filters patched away: the views that go on find no rows to show."""
    browser, unfit = Client(), unfit_words(who)
    browser.force_login(scene.people[who])
    for address in [*LISTS, *(page for word in scene.patients for page in addresses(scene, word))]:
        text = said(browser, address)
        assert [words for words in unfit if words in text] == [], address


def said(browser: Client, address: str) -> str:
    with transaction.atomic():
        answer = browser.get(address)
        assert answer.status_code in (200, 302, 403, 404), address
        return answer.content.decode().lower()
