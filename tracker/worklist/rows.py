"""One patient of the list in words: where they stand today, and every reason for it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property
from uuid import UUID
from zoneinfo import ZoneInfo

from django.utils import timezone

from portal.models import User
from tracker.models import Flag, Patient, PatientStatus
from tracker.timeline import day_words, number
from tracker.worklist.checks import check_words, rise_words
from tracker.worklist.sections import SECTIONS, URGENT, Section, place, steps_near
from tracker.worklist.spark import Spark, spark
from tracker.worklist.terms import Terms, terms_in_force
from tracker.worklist.words import age_words, ago_words, days_words, due_words, letter_words, step_words

WORRY, NO_ENTRY = "The family asks for a look.", "No entry yet."


@dataclass(frozen=True)
class Reason:
    """One short sentence; `waits` says how long nobody has looked, `late` that it is too long."""

    text: str
    waits: str = ""
    late: bool = False


@dataclass(frozen=True)
class Beside:
    """What a list reads beside the status: flags, treatments, steps, team, outcome, what is overdue."""

    flags: Sequence[Flag] = ()
    treatments: Sequence[str] = ()
    steps: Mapping[date, Sequence[str]] = field(default_factory=dict)
    team: frozenset[int] = frozenset()
    outcome: str = ""
    due: Sequence[tuple[str, date]] = ()


@dataclass(frozen=True)
class Row:
    """One patient in words that depend on `today`; `terms` are the clinic's, asked for when not given."""

    status: PatientStatus
    today: date
    terms: Terms | None = None
    beside: Beside = field(default_factory=Beside)

    @property
    def patient(self) -> Patient:
        """Whose row it is."""
        return self.status.patient

    @property
    def key(self) -> UUID:
        """The patient's key."""
        return self.patient.pk

    @cached_property
    def rules(self) -> Terms:
        """The thresholds of the patient's clinic."""
        return self.terms if self.terms is not None else terms_in_force(self.patient.clinic_id)

    @cached_property
    def section(self) -> Section:
        """The first section whose rule fits."""
        return SECTIONS[place(self.status, self.rules, self.today)]

    @property
    def age(self) -> str:
        """The patient's age today, or when they died."""
        died = self.patient.state == Patient.State.DIED
        return age_words(self.patient.birth_date, self.patient.state_on if died else self.today)

    @property
    def state(self) -> str:
        """Since when the patient is no longer active; else nothing."""
        if self._active:
            return ""
        once = self.patient.state in (Patient.State.DIED, Patient.State.MERGED)
        word = "on" if once else "since"
        return f"{self.patient.get_state_display()} {word} {day_words(self.patient.state_on)}."

    @cached_property
    def reasons(self) -> list[Reason]:
        """Every reason to look, the worst first; none for a patient who is steady."""
        plain = (
            [*self._of_care(), *self.undone, self.overdue, self.quiet] if self._active else self._of_care()
        )
        return [*self._flagged(), *(Reason(text) for text in plain if text)]

    @property
    def reason(self) -> str:
        """The reasons and what the home check says, in one line."""
        told = [reason.text for reason in self.reasons if reason.text not in (self.quiet, self.overdue)]
        last = [self.overdue, self.quiet] if self._active else []
        return " ".join(filter(None, [*told, check_words(self.status), self._checked, *last]))

    @property
    def late(self) -> bool:
        """Whether a flag waits longer than the clinic allows."""
        return any(reason.late for reason in self.reasons)

    @property
    def quiet(self) -> str:
        """How long nothing came, when that is longer than the clinic's threshold; else nothing."""
        newest = self.status.last_local_date
        if newest is None:
            return NO_ENTRY
        days = (self.today - newest).days
        return f"No entry for {days} days." if days > self.rules.quiet_after else ""

    @property
    def overdue(self) -> str:
        """Since when a review is overdue; else nothing."""
        due = self.status.review_due_on
        if due is None or due >= self.today:
            return ""
        return f"Review overdue for {days_words((self.today - due).days)}."

    @property
    def undone(self) -> list[str]:
        """What of the list of what is due is overdue."""
        return due_words(self.beside.due, self.status, self.today)

    @property
    def waiting(self) -> str:
        """How long the oldest entry waits for a review, in whole days."""
        since = self.status.unreviewed_since
        if since is None:
            return ""
        days = (self.today - timezone.localtime(since, ZoneInfo(self.patient.zone)).date()).days
        return "since today" if days <= 0 else days_words(days)

    @property
    def last_entry(self) -> str:
        """How long ago the newest entry's day is."""
        newest = self.status.last_local_date
        return ago_words(newest, self.today) if newest else ""

    @property
    def check(self) -> str:
        """The home check told: `7`, or `4 of 6 items`; nothing without any."""
        status = self.status
        if status.items is None:
            return ""
        return str(status.total) if status.total is not None else f"{status.rated} of {status.items} items"

    @property
    def change(self) -> str:
        """How it compares with the usual, where that is known."""
        status = self.status
        if status.total is None:
            return ""
        if status.baseline is None or status.rise is None:
            return "too few to compare"
        if not status.rise:
            return f"as usual ({number(status.baseline)})"
        return f"{rise_words(status.rise)}, usually {number(status.baseline)}"

    @property
    def spark(self) -> Spark | None:
        """The last home checks as a small picture."""
        return spark(self.status.course)

    @property
    def owner(self) -> User | None:
        """Who owns the patient's flags: the lead, while on the team; else nobody."""
        lead = self.patient.lead
        return lead if lead is not None and lead.pk in self.beside.team else None

    @property
    def _active(self) -> bool:
        return self.patient.state == Patient.State.ACTIVE

    @property
    def _checked(self) -> str:
        """The day of the home check told, when something newer came."""
        day = self.status.checked_on
        return f"Checked on {day_words(day)}." if day and day != self.status.last_local_date else ""

    def _of_care(self) -> Iterator[str]:
        """What is no flag and still needs somebody."""
        since = self.status.episode_since
        if since:
            yield f"Episode open since {day_words(since)}."
        near = steps_near(self.status, self.rules, self.today)
        yield from step_words(near, self.today, self.beside.steps)
        if self.status.worried:
            yield WORRY
        yield letter_words(self.status, ZoneInfo(self.patient.zone))

    def _flagged(self) -> list[Reason]:
        """Open flags with their own sentences; where they were not read, that there are some."""
        if not self.rules.flags or not self.status.flag_tier:
            return []
        if self.beside.flags:
            return [self._of_flag(flag) for flag in self.beside.flags]
        waits, late = self._waits(self.status.flagged_at, self.status.flag_tier)
        return [Reason(f"{Flag.Tier(self.status.flag_tier).label}.", waits, late)]

    def _of_flag(self, flag: Flag) -> Reason:
        waits, late = self._waits(flag.raised_at, flag.tier)
        raised = timezone.localtime(flag.raised_at, ZoneInfo(self.patient.zone)).date()
        told = f"of {day_words(flag.on)}, {waits}" if waits and flag.on < raised else waits
        return Reason(flag.reason, told, late)

    def _waits(self, since: datetime | None, tier: int) -> tuple[str, bool]:
        """How long a flag waits for a look on the patient's calendar, and whether that is too long."""
        if since is None:
            return "", False
        days = (self.today - timezone.localtime(since, ZoneInfo(self.patient.zone)).date()).days
        limit = self.rules.urgent_waits if tier >= URGENT else self.rules.flag_waits
        if days <= 0:
            return "raised today", False
        late = days > limit
        return f"waiting {days_words(days)}{', escalated' if late else ''}", late
