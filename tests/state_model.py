"""What must be true of seats, roles, freezing, hiding, emergencies and time: a model beside the real thing.

The model is a dozen lines of Python that know nothing of SQL; every step is taken in both, and both are
asked. Time cannot be moved inside PostgreSQL, so the past is moved away instead: every stored moment by the
same amount, by the superuser, in the test's own database.
"""

from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import count
from typing import ClassVar

from django.db import DatabaseError, connection
from django.test import Client
from django.utils import timezone
from hypothesis import Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from portal.identity import acting_as
from portal.models import User
from tests import database
from tests.cast import NORTH
from tests.tracker.diary import check_in
from tracker import people
from tracker.models import CheckIn, Clinic, ClinicStaff, Patient, PrivateNote, Redaction, Seat
from tracker.models.seats import FAMILY_BASES, Basis, Ground, Reach

numbers = count(1)
PEOPLE = ("parent", "doctor")
GLASS = 60  # minutes
# Steps in time stay clear of the minutes in which a seat ends, whatever the machine's own speed.
PASSING, LASTING = (25, 90), (70, 200)
MOVED = {"tracker_seat": ("starts_at", "ends_at"), "tracker_invitation": ("invited_at", "expires_at")}


@dataclass
class Held:
    """A seat: whose, on what basis, until which minute; None is for ever."""

    who: str
    basis: str
    until: int | None


@dataclass
class Model:
    """Who reaches the record, said without a database."""

    now: int = 0
    frozen: bool = False
    seats: list[Held] = field(default_factory=list)
    roles: dict[str, set[str]] = field(default_factory=dict)
    active: dict[str, bool] = field(default_factory=dict)
    hidden: set[str] = field(default_factory=set)

    def held(self, who: str) -> set[str]:
        """Bases of seats that run."""
        running = [seat for seat in self.seats if seat.until is None or seat.until > self.now]
        return {seat.basis for seat in running if seat.who == who}

    def was_family(self, who: str) -> bool:
        """Whether they ever held a seat as family."""
        return any(seat.who == who and seat.basis in FAMILY_BASES for seat in self.seats)

    def clinical(self, who: str) -> bool:
        known = self.active[who] and "clinician" in self.roles[who]
        return known and bool(self.held(who) & {"care_team", "break_glass"})

    def family(self, who: str) -> bool:
        known = self.active[who] and "family" in self.roles[who] and not self.frozen
        return known and bool(self.held(who) & {"parent", "guardian", "self"})

    def oneself(self, who: str) -> bool:
        return self.clinical(who) or (self.family(who) and "self" in self.held(who))

    def pages(self, who: str) -> tuple[int, int]:
        """Status of the family's page and of the clinic's."""
        if not self.active[who]:
            return 302, 302
        diary = (200 if self.family(who) else 404) if "family" in self.roles[who] else 403
        chart = (200 if self.clinical(who) else 404) if "clinician" in self.roles[who] else 403
        return diary, chart

    def rows(self, who: str) -> tuple[int, int, int]:
        """Patients, entries and private notes that are seen."""
        sees = self.clinical(who) or self.family(who)
        entries = (who not in self.hidden) + self.oneself(who) if sees else 0
        return int(sees), entries, int(self.clinical(who))


class Access(RuleBasedStateMachine):
    """One patient with an entry for all, a private one and a note; two people who come and go."""

    steps: ClassVar[int] = 0
    thorough: ClassVar[bool] = False  # ask for everybody's pages at each step, not for one person's in turn

    @initialize()
    def begin(self) -> None:
        self.model = Model()
        self.owner = database.SERVER.connect(database.NAME)
        self.keeper = User.objects.get(email="clinician@test.example")
        self.administrator = User.objects.get(email="administrator@test.example")
        self.users = {
            who: self.known(who, role) for who, role in zip(PEOPLE, ("family", "clinician"), strict=True)
        }
        self.browsers = {who: Client() for who in PEOPLE}
        self.written()

    def known(self, who: str, role: str) -> User:
        """Somebody new, at North Clinic so that its administrator may change them."""
        user = User.objects.create_user(f"{who}{next(numbers)}@model.example", name=who)
        with acting_as(self.administrator):
            ClinicStaff.objects.create(clinic=Clinic.objects.get(name=NORTH), user=user)
        self.model.roles[who], self.model.active[who] = set(), True
        self.users = {**getattr(self, "users", {}), who: user}
        self.appoint(who, {role}, True)
        return user

    def written(self) -> None:
        """A record with what the model counts."""
        clinic = Clinic.objects.get(name=NORTH)
        facts = {"name": "Kim Model", "birth_date": date(2012, 5, 1), "record_number": f"M{next(numbers)}"}
        with acting_as(self.keeper):
            self.patient = people.register(self.keeper, clinic, **facts)
            self.entry = check_in(self.keeper, self.patient)
            check_in(self.keeper, self.patient, audience=Reach.SELF)
            PrivateNote.objects.create(patient=self.patient, author=self.keeper, text="A note.")

    def appoint(self, who: str, roles: set[str], active: bool) -> None:
        self.model.roles[who], self.model.active[who] = set(roles), active
        with acting_as(self.administrator):
            people.change_person(
                self.administrator, self.users[who], name=who, roles=sorted(roles), active=active
            )

    @rule(
        who=st.sampled_from(PEOPLE),
        roles=st.sets(st.sampled_from(["family", "clinician"])),
        active=st.booleans(),
    )
    def change_roles(self, who: str, roles: set[str], active: bool) -> None:
        self.appoint(
            who, roles, active or bool(roles)
        )  # idle people are rare, so that most steps tell something

    @rule(who=st.sampled_from(PEOPLE))
    def deactivate(self, who: str) -> None:
        self.appoint(who, self.model.roles[who], False)

    @rule(who=st.sampled_from(PEOPLE), basis=st.sampled_from(FAMILY_BASES), lasts=st.sampled_from(LASTING))
    def invite_and_accept(self, who: str, basis: Basis, lasts: int) -> None:
        if basis in self.model.held(who):
            return
        ground = Ground.CONSENT if basis == Basis.SELF else Ground.COURT
        facts = {"name": who, "email": self.users[who].email, "ground": ground}
        with acting_as(self.keeper):
            offer = people.invite(self.keeper, self.patient, basis=basis, **facts)
        accepted = self.asked(who, "SELECT accept_invitation(%s)", offer.pk)
        assert accepted == self.model.active[who]
        if accepted:
            self.model.roles[who].add("family")
            self.model.seats.append(Held(who, basis, self.model.now + lasts))
            self.last_for(who, basis, lasts)

    def last_for(self, who: str, basis: str, minutes: int) -> None:
        """The newest seat of its kind ends in so many minutes."""
        self.owner.execute(
            "UPDATE tracker_seat SET ends_at = now() + %s WHERE id = (SELECT max(id) FROM tracker_seat"
            " WHERE patient_id = %s AND user_id = %s AND basis = %s)",
            [timedelta(minutes=minutes), self.patient.pk, self.users[who].pk, basis],
        )

    def asked(self, who: str, statement: str, *values: object) -> bool:
        """Whether the database does it for them."""
        try:
            with acting_as(self.users[who]), connection.cursor() as cursor:
                cursor.execute(statement, values)
                return cursor.fetchone()[0] is not None
        except DatabaseError:
            return False

    @rule(who=st.sampled_from(PEOPLE))
    def join_the_team(self, who: str) -> None:
        if Basis.CARE_TEAM in self.model.held(who):
            return
        with acting_as(self.keeper):
            given = {"basis": Basis.CARE_TEAM, "ground": Ground.CARE, "decided_by": self.keeper}
            Seat.objects.create(patient=self.patient, user=self.users[who], **given)
        self.model.seats.append(Held(who, Basis.CARE_TEAM, None))

    @rule(who=st.sampled_from(PEOPLE))
    def break_the_glass(self, who: str) -> None:
        doctor = self.model.active[who] and "clinician" in self.model.roles[who]
        may = doctor and not self.model.was_family(who)  # nobody opens their own child's record
        opens = may and not self.model.clinical(who)
        done = self.asked(
            who,
            "SELECT break_glass(%s, %s, 'treating', 'They need me.')",
            self.patient.record_number,
            self.patient.birth_date,
        )
        assert done == may
        if opens:
            self.model.seats.append(Held(who, Basis.BREAK_GLASS, self.model.now + GLASS))

    @precondition(lambda self: any(self.model.held(who) for who in PEOPLE))
    @rule(data=st.data())
    def end_a_seat(self, data: st.DataObject) -> None:
        held = [(who, basis) for who in PEOPLE for basis in sorted(self.model.held(who))]
        who, basis = data.draw(st.sampled_from(held))
        with acting_as(self.keeper):
            running = Seat.objects.held().filter(patient=self.patient, user=self.users[who], basis=basis)
            assert running.update(ends_at=timezone.now()) == 1
        for seat in self.model.seats:
            if (seat.who, seat.basis) == (who, basis):
                seat.until = min(self.model.now, self.model.now if seat.until is None else seat.until)

    @rule()
    def freeze_or_thaw(self) -> None:
        self.model.frozen = not self.model.frozen
        frozen = {"frozen_at": timezone.now(), "frozen_by": self.keeper, "frozen_reason": "Looked into."}
        open_again = {"frozen_at": None, "frozen_by": None, "frozen_reason": ""}
        with acting_as(self.keeper):
            changes = frozen if self.model.frozen else open_again
            assert Patient.objects.filter(pk=self.patient.pk).update(**changes) == 1

    @rule(who=st.sampled_from(PEOPLE))
    def hide_or_show(self, who: str) -> None:
        theirs = {"patient": self.patient, "check_in": self.entry, "hidden_from": self.users[who]}
        with acting_as(self.keeper):
            if who in self.model.hidden:
                hidden = Redaction.objects.filter(**theirs, lifted_at=None)
                assert hidden.update(lifted_at=timezone.now()) == 1
            else:
                Redaction.objects.create(**theirs, decided_by=self.keeper, reason="Not for them.")
        self.model.hidden ^= {who}

    @rule(minutes=st.sampled_from(PASSING))
    def let_time_pass(self, minutes: int) -> None:
        self.model.now += minutes
        for table, moments in MOVED.items():
            changes = ", ".join(f"{moment} = {moment} - %(by)s" for moment in moments)
            self.owner.execute(
                f"UPDATE {table} SET {changes} WHERE patient_id = %(patient)s",
                {"by": timedelta(minutes=minutes), "patient": self.patient.pk},
            )

    @invariant()
    def all_three_agree(self) -> None:
        type(self).steps += 1
        for who in PEOPLE:
            assert self.rows(who) == self.model.rows(who), (who, vars(self.model))
        for who in PEOPLE if self.thorough else PEOPLE[self.steps % 2 :][:1]:
            assert self.pages(who) == self.model.pages(who), (who, vars(self.model))

    def rows(self, who: str) -> tuple[int, int, int]:
        with acting_as(self.users[who]):
            counted = [model.objects.count() for model in (Patient, CheckIn, PrivateNote)]
        return counted[0], counted[1], counted[2]

    def pages(self, who: str) -> tuple[int, int]:
        browser = self.browsers[who]
        if self.model.active[who] and "_auth_user_id" not in browser.session:
            browser.force_login(self.users[who])
        diary, chart = (browser.get(f"/{side}/{self.patient.pk}/") for side in ("log", "patients"))
        return diary.status_code, chart.status_code

    def teardown(self) -> None:
        if hasattr(self, "owner"):
            self.owner.close()


def run(programs: int, steps: int, *, drill: bool = False) -> int:
    """So many programs of so many steps, other ones at each drill; gives how many states were compared."""
    Access.steps, Access.thorough = 0, drill
    run_state_machine_as_test(
        Access,
        settings=settings(
            max_examples=programs,
            stateful_step_count=steps,
            derandomize=not drill,
            database=None,
            deadline=None,  # a program lasts as long as the database needs
            phases=[Phase.generate, Phase.shrink] if drill else [Phase.generate],
            print_blob=True,
        ),
    )
    return Access.steps
