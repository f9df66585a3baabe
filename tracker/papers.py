"""What the patient page says beside the picture: plan, what is due, marks, episodes, ratings, tags."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from tracker import redflags, scoring
from tracker.models import ClinicianRating, DueItem, Mark, Patient, Treatment
from tracker.models.treatments import Unit
from tracker.numbers import number, often
from tracker.timeline import day_words

# Offered while typing, so that one agent is spelled one way.
AGENTS = (
    *("Aciclovir", "Azathioprine", "Clonazepam", "Corticotropin", "Co-trimoxazole", "Cyclophosphamide"),
    *("Dexamethasone", "Gabapentin", "Hydrocortisone", "IVIG", "Levetiracetam", "Melatonin"),
    *("Methotrexate", "Methylprednisolone", "Mycophenolate", "Omeprazole", "Prednisolone", "Prednisone"),
    *("Propranolol", "Rituximab", "Tetracosactide", "Trazodone", "Vitamin D"),
)
ASK_FOR = {Mark.Name.IMMUNOSUPPRESSED: redflags.SUPPRESSIVE, Mark.Name.STEROID_EXPOSED: redflags.STEROIDS}


@dataclass(frozen=True)
class Planned:
    """A treatment as of `today`, in words."""

    treatment: Treatment
    today: date

    @property
    def begun(self) -> bool:
        """Whether its first day has come."""
        return self.treatment.starts_on <= self.today

    @property
    def days(self) -> str:
        """From when to when it was in force, or that it never began; for one that is over."""
        row, later = self.treatment, getattr(self.treatment, "replaced_by", None)
        if later and later.starts_on <= row.starts_on:
            how = "taken back" if row.taken_back else "changed"
            return f"planned from {day_words(row.starts_on)}, {how} before it began"
        words = day_words(row.starts_on, row.last_given)
        return f"{words}, then changed" if later else words

    @property
    def dose(self) -> str:
        """What is given now, or first: `20 mg per dose, 2 doses a day: 40 mg a day`."""
        amount, _ = self._now
        return dose_words(self.treatment, amount, self.treatment.unit)

    @property
    def ahead(self) -> str:
        """The next step, or nothing."""
        steps = [
            step for step in self.treatment.steps.all() if step.on > self.today and self._counts(step.on)
        ]
        if not steps:
            return ""
        told = dose_words(self.treatment, steps[0].amount, steps[0].unit)
        return f"From {steps[0].on.day} {steps[0].on:%b %Y}: {told}"

    @property
    def _now(self) -> tuple[Decimal | None, date]:
        last_day = self.treatment.last_given or date.max
        taken = [step for step in self.treatment.steps.all() if step.on <= min(self.today, last_day)]
        last = taken[-1] if taken else None
        return (last.amount, last.on) if last else (self.treatment.amount, self.treatment.starts_on)

    def _counts(self, day: date) -> bool:
        return self.treatment.ends_on is None or day <= self.treatment.ends_on


def dose_words(treatment: Treatment, amount: Decimal | None, unit: str) -> str:
    """Per dose and per day, both; not daily says so; that it is not recorded where there is no amount."""
    if amount is None:
        return "dose not recorded"
    label, per_day = Unit(unit).label, treatment.doses_per_day
    if per_day is None:
        return f"{number(amount)} {label} per dose"
    each = f"{number(amount)} {label} per dose, {often(per_day, treatment.every_days)}"
    return (
        f"{each}: {number(amount * per_day)} {label} a day"
        if treatment.every_days == 1
        else f"{each}, not daily"
    )


def _lasts(row: Treatment, today: date) -> bool:
    return row.last_given is None or row.last_given >= today


def suggested(treatments: Iterable[Treatment], marks: Iterable[Mark], today: date) -> list[Mark.Name]:
    """Marks that a treatment not yet over asks for, and that neither hold nor are to come."""
    known = {mark.name for mark in marks if mark.ends_on is None or mark.ends_on >= today}
    going = [
        redflags.Treatment(row.agent, row.form, row.starts_on, row.last_given)
        for row in treatments
        if _lasts(row, today)
    ]
    return [
        name
        for name, parts in ASK_FOR.items()
        if name not in known and any(row.holds(parts) for row in going)
    ]


def papers(patient: Patient, today: date) -> dict[str, object]:
    """What the includes `_plan_*.html` and `_ratings.html` need; `patient` is one that the reader may see.

    Keys: plans and earlier_plans (Planned; a plan that was changed since is an earlier one), due (DueItem,
    overdue in days), marks, earlier_marks, suggested, episodes, ratings, tags, pinned. Queries: eight,
    whatever the record holds.
    """
    every = patient.treatments.select_related("replaced_by").prefetch_related("steps")
    rows = list(every.order_by("starts_on", "agent"))
    standing = [row for row in rows if not hasattr(row, "replaced_by")]
    marks = list(patient.marks.select_related("set_by"))
    plans = [row for row in standing if _lasts(row, today)]
    return {
        "today": today,
        "plans": [Planned(row, today) for row in plans],
        "earlier_plans": [Planned(row, today) for row in reversed(rows) if row not in plans],
        "due": due_of(patient, today),
        "marks": [mark for mark in marks if mark.ends_on is None or mark.ends_on >= today],
        "earlier_marks": [mark for mark in marks if mark.ends_on and mark.ends_on < today],
        "suggested": suggested(standing, marks, today),
        "episodes": patient.episodes.select_related("set_by").order_by("-started_on"),
        "ratings": rated(patient),
        "tags": [row.tag for row in patient.taggings.filter(taken_off_at=None).select_related("tag")],
        "pinned": patient.private_notes.exclude(pinned_on=None).select_related("author"),
    }


@dataclass(frozen=True)
class Due:
    """Something due, with how late it is as of `today`."""

    item: DueItem
    today: date

    @property
    def late(self) -> str:
        """`3 days overdue`, `today`, or nothing."""
        days = (self.today - self.item.due_on).days
        if days <= 0:
            return "" if days else "today"
        return "1 day overdue" if days == 1 else f"{days} days overdue"


def due_of(patient: Patient, today: date) -> list[Due]:
    """What is still to be done, the oldest first; nothing is due of a patient who is not active."""
    if patient.state != Patient.State.ACTIVE:
        return []
    return [Due(item, today) for item in patient.due_items.open().order_by("due_on", "pk")]


@dataclass(frozen=True)
class Rating:
    """One standing rating in words."""

    rating: ClinicianRating

    @property
    def words(self) -> str:
        """`7 of 18`, or `4 of 6 items`."""
        return scoring.Score(self.rating.items, self.rating.rated, self.rating.total).words


def rated(patient: Patient) -> list[Rating]:
    """Standing ratings, newest first. Queries: one."""
    rows = patient.clinician_ratings.standing().select_related("rater").order_by("-on", "-at")
    return [Rating(row) for row in rows]
