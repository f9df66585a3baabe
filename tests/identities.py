"""Everybody the access matrix asks as, and the world they stand in.

The world is committed, because a seat that ran out must have begun long ago, which the web role cannot
write. Whoever builds it throws it away by taking a fresh clone; see `tests.database.clone`.
"""

import time
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from uuid import UUID, uuid4

from allauth.account.internal.flows.login import AUTHENTICATION_METHODS_SESSION_KEY
from allauth.account.models import EmailAddress
from django.db.models import Model
from django.test import Client
from django.utils import timezone

from conditions import publishing
from conditions.models import (
    Citation,
    Code,
    Condition,
    Fact,
    Feature,
    Feedback,
    MustSay,
    Organisation,
    Saying,
    Section,
    Source,
    Statement,
)
from portal.identity import acting_as
from portal.models import User
from tests import database
from tests.cast import NORTH, SOUTH
from tests.tracker.diary import check_in
from tracker import emergency, episodes, people, plan, ratings, records, reviews, treatments
from tracker.models import (
    Clinic,
    ClinicStaff,
    DueItem,
    EmergencyAccess,
    Episode,
    Invitation,
    Patient,
    Seat,
    Treatment,
)
from tracker.models.emergency import Purpose
from tracker.models.seats import Basis, Ground
from tracker.reviews import Verdict

# The columns of `tests/access_table.py`, in this order.
IDENTITIES = {
    "nobody": "not signed in",
    "own": "parent of the patient",
    "other": "parent of a patient of another clinic",
    "expired": "parent whose seat ran out yesterday",
    "frozen": "parent of a patient whose record is frozen; asks for that one",
    "redacted": "second parent of the patient; asks for an entry of theirs that is hidden from them",
    "seated": "clinician of the patient",
    "unseated": "clinician of the clinic without a seat",
    "former": "clinician of the clinic whose seat was ended",
    "break_glass": "clinician of the clinic who opened the record in an emergency",
    "outsider": "clinician and administrator of another clinic",
    "editor": "editor",
    "reviewer": "clinical reviewer",
    "administrator": "administrator of the clinic",
    "auditor": "auditor",
    "doctor_parent": "clinician of the clinic, parent of the patient: the database shows the rows to both"
    " sides, and `visible_to` alone keeps the clinic's pages shut",
    "no_factor": "clinician of the patient, without the second factor that is demanded",
}
IN_CAST = {"own": "family", "other": "other_family", "seated": "clinician", "unseated": "colleague"}
NEWCOMERS = {
    "expired": (["family"], None),
    "frozen": (["family"], None),
    "redacted": (["family"], None),
    "former": (["clinician"], NORTH),
    "break_glass": (["clinician"], NORTH),
    "outsider": (["clinician", "administrator"], SOUTH),
    "no_factor": (["clinician"], NORTH),
}
HIDDEN = "Quagga Hidden"  # the note of the entry that is hidden from who wrote it
PARENTAL = {"basis": Basis.PARENT, "ground": Ground.RESPONSIBILITY}
AN_HOUR = 3600  # seconds: a proof dated an hour ahead stays fresh however long the matrix takes


@dataclass(frozen=True)
class Child:
    """A patient, with the keys of what belongs to them and stands in addresses."""

    patient: Patient
    entry: UUID
    seat: int
    offer: Invitation
    chart: dict[str, object]  # keys of a rating, a treatment, an episode, a mark, a review, something due

    def values(self) -> dict[str, object]:
        """Arguments of addresses by their name."""
        return {
            "key": self.patient.pk,
            "entry": self.entry,
            "seat": self.seat,
            "offer": self.offer.pk,
            "token": people.invitation_token(self.offer),
            "clinic": self.patient.clinic_id,
            **self.chart,
        }


@dataclass
class World:
    """Who is who, whom they ask for, and a signed-in browser for each."""

    users: dict[str, User]
    children: dict[str, Child] = field(default_factory=dict)
    content: list[Model] = field(default_factory=list)
    emergency: int = 0  # key of the emergency access to the main patient
    redaction: int = 0  # key of what hides an entry of the main patient

    @cached_property
    def clients(self) -> dict[str, Client]:
        """A browser for each identity, signed in once."""
        return {word: browser(self.users.get(word)) for word in IDENTITIES}

    def child_of(self, word: str) -> Child:
        """Whose pages this identity asks for."""
        return self.children.get(word, self.children["main"])

    def values(self, word: str) -> dict[str, object]:
        """What fills the addresses that this identity asks for."""
        fixed = {"slug": "access", "number": 1, "object_id": 1, "user_id": self.users["seated"].pk}
        fixed |= {"language": "de"}  # of a translation
        fixed |= {"secret": "made-up"}  # of a shared review, which exists while a release waits
        rows = {f"{row._meta.model_name}_id": row.pk for row in self.content}
        acts = {"emergency": self.emergency, "redaction": self.redaction}
        return {**fixed, **rows, **acts, **self.child_of(word).values()}


def assemble() -> World:
    """Build the world and commit it."""
    world = World(everybody())
    world.children["main"] = main_child(world)
    world.children["redacted"] = same_child_redacted(world)
    world.children["frozen"] = frozen_child(world)
    world.children["away"] = away_child(world)
    world.content = published(world.users["editor"], world.users["reviewer"])
    return world


def everybody() -> dict[str, User]:
    """The cast by the words of this module, and the newcomers, whom the owner employs."""
    clinics = {clinic.name: clinic.pk for clinic in Clinic.objects.all()}
    for word, (roles, clinic) in NEWCOMERS.items():
        user = User(email=f"{word}@test.example", name=word.replace("_", " ").title(), roles=roles)
        user.save(using="owner")
        EmailAddress.objects.using("owner").create(
            user_id=user.pk, email=user.email, verified=True, primary=True
        )
        if clinic:
            ClinicStaff.objects.using("owner").create(clinic_id=clinics[clinic], user_id=user.pk)
    signed_in = [word for word in IDENTITIES if word != "nobody"]
    return {word: User.objects.get(email=f"{IN_CAST.get(word, word)}@test.example") for word in signed_in}


def main_child(world: World) -> Child:
    """The patient that most ask for, with everybody who holds or held a seat."""
    users, doctor = world.users, world.users["seated"]
    patient = registered(doctor, NORTH, "Zebedee Canary", "CANARY-1")
    seats = {word: seated(doctor, patient, users[word]) for word in ("own", "expired", "doctor_parent")}
    let_run_out(seats["expired"])
    with acting_as(doctor):
        people.join_team(doctor, patient, users["no_factor"])
        people.end_seat(doctor, people.join_team(doctor, patient, users["former"]))
    world.emergency = break_glass(users["break_glass"], patient)
    return child(doctor, users["own"], patient, seats["own"])


def break_glass(user: User, patient: Patient) -> int:
    """Open the record in an emergency, and give its key."""
    facts = {"record_number": patient.record_number, "birth_date": patient.birth_date}
    with acting_as(user):
        emergency.open_record(
            user, **facts, purpose=Purpose.TREATING, reason="In the ward", site="https://steady.example/"
        )
        return EmergencyAccess.objects.get(clinician=user).pk


def same_child_redacted(world: World) -> Child:
    """The main patient for a second parent, from whom an entry of their own is hidden."""
    doctor, parent, main = world.users["seated"], world.users["redacted"], world.children["main"]
    seat = seated(doctor, main.patient, parent)
    with acting_as(parent):
        entry = check_in(parent, main.patient, note=HIDDEN)
    with acting_as(doctor):
        world.redaction = records.redact(doctor, entry, parent, "Asked for by the court").pk
    return Child(main.patient, entry.pk, seat.pk, main.offer, main.chart)


def frozen_child(world: World) -> Child:
    """Another patient of the clinic, whose record is shut to the family."""
    doctor, parent = world.users["seated"], world.users["frozen"]
    patient = registered(doctor, NORTH, "Okapi Canary", "CANARY-2")
    made = child(doctor, parent, patient, seated(doctor, patient, parent))
    with acting_as(doctor):
        records.freeze(doctor, patient, "A question of safety")
    return made


def away_child(world: World) -> Child:
    """A patient of another clinic, with a family."""
    doctor, parent = world.users["outsider"], world.users["other"]
    patient = registered(doctor, SOUTH, "Tapir Canary", "CANARY-3")
    return child(doctor, parent, patient, seated(doctor, patient, parent))


def child(doctor: User, parent: User, patient: Patient, seat: Seat) -> Child:
    """The patient, with an entry by `parent` and an invitation that waits."""
    with acting_as(parent):
        entry = check_in(parent, patient, note=patient.name)
    with acting_as(doctor):
        offer = people.invite(doctor, patient, name="New", email="new@test.example", **PARENTAL)
        chart = charted(doctor, patient)
    return Child(patient, entry.pk, seat.pk, offer, chart)


def charted(doctor: User, patient: Patient) -> dict[str, object]:
    """One row of each kind that clinicians write and that an address names."""
    today = date(2026, 3, 2)
    course = Treatment(agent="Prednisolone", form="daily", starts_on=date(2026, 3, 2))
    return {
        "treatment": treatments.plan_treatment(doctor, patient, course).pk,
        "rating": ratings.rate(doctor, patient, uuid4(), ratings.Rated(date(2026, 3, 2), "clinic", {})).pk,
        "episode": episodes.start_episode(doctor, patient, Episode(started_on=date(2026, 3, 2))).pk,
        "mark": plan.set_mark(doctor, patient, "immunosuppressed", today, None).pk,
        "item": plan.add_due(doctor, patient, DueItem(kind="scan", due_on=today)).pk,
        "review": reviews.sign_off(doctor, patient, Verdict("noted"), covers_until=timezone.now()).pk,
    }


def registered(doctor: User, clinic: str, name: str, number: str) -> Patient:
    """A patient of the clinic, with `doctor` on the care team."""
    facts = {"name": name, "birth_date": date(2022, 5, 1), "record_number": number}
    with acting_as(doctor):
        return people.register(doctor, Clinic.objects.get(name=clinic), **facts)


def seated(doctor: User, patient: Patient, parent: User) -> Seat:
    """A parent's seat, by invitation and acceptance."""
    with acting_as(doctor):
        offer = people.invite(doctor, patient, name=parent.name, email=parent.email, **PARENTAL)
    people.accept(parent, offer.key)
    with acting_as(parent):
        return Seat.objects.get(patient=patient, user=parent)


def let_run_out(seat: Seat) -> None:
    """Move a seat into the past, as nobody but the database's superuser can."""
    with database.SERVER.connect(database.NAME) as superuser:
        superuser.execute(
            "UPDATE tracker_seat SET starts_at = now() - interval '2 years',"
            " ends_at = now() - interval '1 day' WHERE id = %s",
            [seat.pk],
        )


def published(editor: User, reviewer: User) -> list[Model]:
    """A condition with one statement, through each step of its release, and a question: a row of each."""
    with acting_as(editor):
        condition = Condition.objects.create(slug="access", name="Access", summary="For tests.")
        source = Source.objects.create(condition=condition, key="s", kind="review", title="S", read="part")
        section = Section.objects.create(condition=condition, key="one", title="One")
        statement = Statement.objects.create(section=section, key="first", text="It is so.")
        Citation.objects.create(statement=statement, source=source)
        parts = parts_of(statement, source)
        release = publishing.submit(editor, condition, reason="First")
    with acting_as(reviewer):
        publishing.publish(reviewer, publishing.approve(reviewer, release, interests="None."))
    asked = Feedback(condition=condition, release=release, kind="question", text="Why?", due_on="2030-01-01")
    Feedback.objects.bulk_create([asked])
    return [condition, source, section, statement, *parts, release, asked]


def parts_of(statement: Statement, source: Source) -> list[Model]:
    """A row of each kind that the condition has beside its text."""
    about = {"condition": source.condition}
    told = {"value": "1", "reason": "Alone.", "source": source}
    must_say = MustSay.objects.create(**about, key="so", text="It is so.")
    Saying.objects.create(must_say=must_say, statement=statement)
    return [
        Code.objects.create(**about, system="MeSH", code="D1", relation="related", source=source),
        Feature.objects.create(**about, hpo="HP:0000002", name="Sway", lay="swaying", source=source),
        Fact.objects.create(**about, key="age", measure="onset", about="Age", **told),
        Organisation.objects.create(**about, key="here", kind="centre", name="Centre", country="Here"),
        must_say,
    ]


def browser(user: User | None) -> Client:
    """A client of one's own, whose owner proved themselves just now; see `portal.auth.is_fresh`."""
    client = Client()
    if user is not None:
        client.force_login(user)
        session = client.session
        session[AUTHENTICATION_METHODS_SESSION_KEY] = [{"method": "mfa", "at": time.time() + AN_HOUR}]
        session["account_authentication_methods_user"] = str(user.pk)
        session.save()
    return client
