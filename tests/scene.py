"""Everybody the access tests ask as, and three children whose records hold a row of every kind.

`child` is of North Clinic, `foreign` and `shut` are of South Clinic; `shut` is frozen. Every text of a
record begins with the patient's own canary word, so that a leak names its source.
"""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from uuid import UUID, uuid4

from django.db import connection, transaction
from django.db.models import F
from django.utils import timezone
from pytest_django.plugin import DjangoDbBlocker

from portal.identity import acting_as, acting_for, speaking_as
from portal.models import User
from tests.cast import NORTH, PASSWORD, SOUTH
from tests.tracker.diary import check_in
from tracker import doses, episodes, events, journal, people, plan, ratings, reviews, treatments
from tracker.models import (
    CheckIn,
    Clinic,
    ClinicalEvent,
    ClinicStaff,
    DueItem,
    Episode,
    Flag,
    Patient,
    Redaction,
    Refusal,
    Seat,
    Treatment,
)
from tracker.models.seats import Basis, Ground, Reach
from tracker.reviews import Verdict

IDENTITIES = (
    "anonymous",  # signed out
    "own",  # a parent of `child`
    "other",  # a parent of `foreign`
    "expired",  # was a parent of `child`, until the seat ran out
    "frozen",  # a parent of `shut`
    "redacted",  # a parent of `child` from whom a chain of entries is hidden
    "oneself",  # `child`, old enough to have a seat and private entries
    "seated",  # a clinician of `child`
    "unseated",  # a clinician of the same clinic without a seat
    "former",  # a clinician whose seat was ended
    "break_glass",  # a clinician with emergency access to `child`
    "editor",
    "administrator",  # of the clinic of `child`
    "auditor",
    "no_factor",  # a seated clinician who has no second factor
)
CANARIES = {"child": "Quokkaberry", "foreign": "Zorillafern", "shut": "Numbatholly"}
BORN = date(2011, 5, 1)


@dataclass
class Scene:
    """What `assemble` made: people by identity, patients by word, and what is kept from whom."""

    people: dict[str, User | None] = field(default_factory=dict)
    patients: dict[str, Patient] = field(default_factory=dict)
    hidden: set[UUID] = field(default_factory=set)  # entries kept from `redacted`
    private: set[UUID] = field(default_factory=set)  # entries kept from every parent

    def __getattr__(self, word: str) -> Patient:
        """`scene.child`, `scene.foreign`, `scene.shut`."""
        try:
            return self.patients[word]
        except KeyError:
            raise AttributeError(word) from None

    def acting(self, identity: str) -> AbstractContextManager[None]:
        """Run a block as one of them."""
        person = self.people[identity]
        return speaking_as(str(person.pk) if person else "")

    def record_of(self, identity: str) -> Patient:
        """The record an identity would call theirs, whether or not they reach it."""
        return self.patients[{"other": "foreign", "frozen": "shut"}.get(identity, "child")]


@contextmanager
def staged(blocker: DjangoDbBlocker) -> Iterator[Scene]:
    """The scene for a whole module, in one transaction that is rolled back; a test ends as it began."""
    with blocker.unblock(), transaction.atomic():
        yield assemble()
        transaction.set_rollback(True)


@transaction.atomic
def assemble() -> Scene:
    """Make the scene through the front door of every writer, as the web role."""
    scene = Scene()
    staff(scene)
    families(scene)
    for word, doctor in (("child", "seated"), ("foreign", "stranger"), ("shut", "stranger")):
        scene.patients[word] = enrolled(word, scene.people[doctor])
    give_seats(scene)
    for word, doctor, parent in (
        ("child", "seated", "own"),
        ("foreign", "stranger", "other"),
        ("shut", "stranger", "frozen"),
    ):
        write_record(scene, word, scene.people[doctor], scene.people[parent])
    keep_from(scene)
    take_away(scene)
    return scene


def known(word: str) -> User:
    """A person of `tests.cast`."""
    return User.objects.get(email=f"{word}@test.example")


def staff(scene: Scene) -> None:
    """Clinicians of North Clinic beside the cast's, hired by its administrator."""
    scene.people["anonymous"] = None
    for word in ("editor", "administrator", "auditor", "stranger"):
        scene.people[word] = known(word)
    scene.people |= {"seated": known("clinician"), "unseated": known("colleague")}
    for word in ("former", "break_glass", "no_factor"):
        scene.people[word] = hired(word, known("administrator"))


def hired(word: str, administrator: User) -> User:
    """A new clinician at North Clinic."""
    person = newcomer(word, [])
    with acting_as(administrator):
        ClinicStaff.objects.create(clinic=Clinic.objects.get(name=NORTH), user=person)
        people.change_person(administrator, person, name=person.name, roles=["clinician"], active=True)
    person.refresh_from_db()
    return person


def newcomer(word: str, roles: list[str]) -> User:
    """An account; roles other than family are given by administrators only."""
    name = word.replace("_", " ").title()
    return User.objects.create_user(f"{word}@scene.example", PASSWORD, name=name, roles=roles)


def families(scene: Scene) -> None:
    """Parents, and the child itself."""
    scene.people |= {"own": known("family"), "other": known("other_family")}
    for word in ("expired", "frozen", "redacted", "oneself"):
        scene.people[word] = newcomer(word, ["family"])


def enrolled(word: str, doctor: User) -> Patient:
    """A patient of the doctor's clinic."""
    clinic = Clinic.objects.get(name=SOUTH if doctor.email.startswith("stranger") else NORTH)
    canary = CANARIES[word]
    with acting_as(doctor):
        return people.register(
            doctor, clinic, name=f"{canary} Namely", birth_date=BORN, record_number=f"{canary}-17"
        )


def give_seats(scene: Scene) -> None:
    """Every seat of the scene but those to be taken away again."""
    seated, stranger = scene.people["seated"], scene.people["stranger"]
    for word in ("own", "redacted", "expired"):
        invited(seated, scene.child, scene.people[word], Basis.PARENT)
    invited(seated, scene.child, scene.people["oneself"], Basis.SELF)
    invited(stranger, scene.foreign, scene.people["other"], Basis.GUARDIAN)
    invited(stranger, scene.shut, scene.people["frozen"], Basis.PARENT)
    with acting_as(seated):
        for word in ("no_factor", "former"):
            given = {"user": scene.people[word], "basis": Basis.CARE_TEAM, "ground": Ground.CARE}
            Seat.objects.create(patient=scene.child, decided_by=seated, **given)


def invited(doctor: User, patient: Patient, person: User, basis: Basis) -> None:
    """A family seat, offered and accepted."""
    ground = Ground.CONSENT if basis == Basis.SELF else Ground.RESPONSIBILITY
    facts = {"name": person.name, "email": person.email, "basis": basis, "ground": ground}
    with acting_as(doctor):
        offer = people.invite(doctor, patient, **facts)
    people.accept(person, offer.key)


def write_record(scene: Scene, word: str, doctor: User, parent: User) -> None:
    """A row in every table that a patient can be in, by those who may write it."""
    patient, canary = scene.patients[word], CANARIES[word]
    measured = {"temperature_c": Decimal("38.2"), "falls": Decimal(1)}
    with acting_as(parent):
        signs = ("new_lump",)
        check_in(parent, patient, note=f"{canary} note", measurements=measured, worried=True, signs=signs)
        journal.send_message(parent, patient, f"{canary} message of the family")
        wrong = check_in(parent, patient, note=f"{canary} mistake")
        journal.mark_in_error(parent, wrong, f"{canary} reason of a mistake")
    with acting_as(doctor):
        chart(patient, doctor, canary)
        offices(patient, doctor, canary)
        told = {"message": f"{canary} message of the clinic", "private_note": f"{canary} private note"}
        taken_back = reviews.sign_off(doctor, patient, Verdict("noted"), covers_until=timezone.now())
        reviews.undo(doctor, taken_back)
        reviews.sign_off(doctor, patient, Verdict("watch", **told), covers_until=timezone.now())


def chart(patient: Patient, doctor: User, canary: str) -> None:
    """A treatment with a step, an event, and whatever else clinicians write beside a diary."""
    today = timezone.localdate()
    course = Treatment(agent=f"{canary} agent", form="taper", starts_on=today, amount=Decimal(20), unit="mg")
    course.note = f"{canary} note of a treatment"
    treatments.plan_treatment(doctor, patient, course, [(today + timedelta(days=7), Decimal(10), "mg")])
    events.note_event(doctor, patient, ClinicalEvent(kind="other", on=today, text=f"{canary} event"))
    told = ratings.Rated(today, "clinic", {"mp_gait": 2, "mp_mood": None}, f"{canary} note of a rating")
    ratings.rate(doctor, patient, uuid4(), told)
    episode = Episode(
        started_on=today, treated_with=f"{canary} treatment", note=f"{canary} note of an episode"
    )
    episodes.start_episode(doctor, patient, episode)
    dose(patient, doctor, course, canary)
    keep_in_mind(patient, doctor, canary)


def dose(patient: Patient, author: User, course: Treatment, canary: str) -> None:
    """One that was missed."""
    given = doses.Given(timezone.now(), "UTC", timezone.localdate(), reason=f"{canary} reason of a dose")
    doses.record_dose(author, patient, course, uuid4(), "missed", given)


def keep_in_mind(patient: Patient, doctor: User, canary: str) -> None:
    """A mark, something due, a tag, and a flag, which the detector's job alone may raise."""
    today = timezone.localdate()
    plan.set_mark(doctor, patient, "immunosuppressed", today, None)
    plan.add_due(doctor, patient, DueItem(kind="scan", text=f"{canary} due", due_on=today))
    plan.put_tags(doctor, patient, [plan.make_tag(doctor, patient, f"{canary} tag", team=False)])
    found = {"kind": "watch", "tier": 1, "rule": "scene", "version": "1", "on": today, "evidence": []}
    with acting_for(patient.pk):
        Flag.objects.bulk_create(
            [Flag(patient=patient, raised_at=timezone.now(), reason=f"{canary} flag", **found)]
        )


def offices(patient: Patient, doctor: User, canary: str) -> None:
    """An open invitation and a refusal."""
    facts = {"email": f"{canary.lower()}@offer.example", "basis": Basis.GUARDIAN, "ground": Ground.COURT}
    people.invite(doctor, patient, name=f"{canary} offer", **facts)
    refused = {"name": f"{canary} refused", "reason": f"{canary} reason of a refusal"}
    Refusal.objects.create(patient=patient, basis=Basis.PARENT, decided_by=doctor, **refused)


def keep_from(scene: Scene) -> None:
    """Hide a chain of corrections from one parent; let the child write what no parent sees."""
    parent, child, canary = scene.people["own"], scene.people["oneself"], CANARIES["child"]
    measured = {"temperature_c": Decimal("39.9")}
    chain: list[CheckIn] = []
    with acting_as(parent):
        for _ in range(3):
            told = {"note": f"{canary} hidden", "measurements": measured, "signs": ("floppy",)}
            chain.append(check_in(parent, scene.child, replaces=chain[-1] if chain else None, **told))
    with acting_as(child):
        told = {"note": f"{canary} private entry", "measurements": measured, "signs": ("self_harm",)}
        scene.private = {check_in(child, scene.child, audience=Reach.SELF, **told).pk}
    scene.hidden = {entry.pk for entry in chain}
    redact(scene, chain[1])


def redact(scene: Scene, entry: CheckIn) -> None:
    """Hide the middle of the chain; a redaction that was lifted hides nothing."""
    doctor, canary = scene.people["seated"], CANARIES["child"]
    decided = {"patient": scene.child, "check_in": entry, "decided_by": doctor}
    with acting_as(doctor):
        for word in ("redacted", "own"):
            kept = {"hidden_from": scene.people[word], "reason": f"{canary} reason of a redaction"}
            Redaction.objects.create(**decided, **kept)
        Redaction.objects.filter(hidden_from=scene.people["own"]).update(lifted_at=timezone.now())


def take_away(scene: Scene) -> None:
    """Expire, end and freeze; break the glass last, so that it lasts the test."""
    doctor, stranger, rescuer = (scene.people[word] for word in ("seated", "stranger", "break_glass"))
    gone = [scene.people[word] for word in ("former", "expired")]
    with acting_as(doctor):
        Seat.objects.filter(user__in=gone).update(ends_at=F("starts_at"))
    frozen = {"frozen_by": stranger, "frozen_reason": f"{CANARIES['shut']} reason of a freeze"}
    with acting_as(stranger):
        Patient.objects.filter(pk=scene.shut.pk).update(frozen_at=timezone.now(), **frozen)
    reason = f"{CANARIES['child']} reason of an emergency"
    with acting_as(rescuer), connection.cursor() as cursor:
        sought = [scene.child.record_number, BORN, "treating", reason]
        cursor.execute("SELECT break_glass(%s, %s, %s, %s)", sought)
