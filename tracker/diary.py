"""A diary as its family reads it: loaded rows in, words out; no query, no request."""

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby

from tracker import scoring
from tracker.models import CheckIn, Patient, Review

UNSURE = "Can’t tell"
UNITS = {"h": " hours", "Cel": " °C", "{count}": "", "mm[Hg]": " mm Hg"}


@dataclass(frozen=True)
class Answer:
    """What was said about `about`; `level` is 0-3, None for "can't tell"."""

    level: int | None
    words: str
    about: str


@dataclass(frozen=True)
class Line:
    """One entry: `score` is `7 of 18`, or `4 of 6 items` where there is no total; empty unless scored.

    `seen` is the first review that covers it. `later` is what replaced it or marked it in error.
    """

    entry: CheckIn
    score: str
    answers: list[Answer]
    numbers: list[tuple[str, str]]
    seen: Review | None
    later: CheckIn | None


CLOSED = {
    Patient.State.TRANSFERRED: "Since {day} another clinic looks after {name}.",
    Patient.State.DISCHARGED: "The care of {name} at {clinic} came to its end on {day}.",
    Patient.State.DIED: "What you wrote stays here, and you can read it for as long as you like.",
    Patient.State.MERGED: "Since {day} there is another diary of {name}, and it goes on there.",
}


def why_closed(patient: Patient) -> str:
    """Why the diary takes no new entries, in a gentle sentence; nothing when it does."""
    state = Patient.State(patient.state)
    if state == Patient.State.ACTIVE:
        return ""
    said = {"name": patient.first_name, "clinic": patient.clinic.name}
    return CLOSED[state].format(**said, day=f"{patient.state_on:%-d %B %Y}")


def lines(entries: Iterable[CheckIn], reviews: Sequence[Review]) -> list[Line]:
    """Entries with details and `replaced_by` loaded; reviews of the patient in any order."""
    covering = sorted(reviews, key=lambda review: review.covers_until)
    return [line(entry, covering) for entry in entries]


def line(entry: CheckIn, covering: Sequence[Review] = ()) -> Line:
    """One entry in words; `covering` holds the reviews by what they cover, oldest first."""
    first = bisect_left(covering, entry.received_at, key=lambda review: review.covers_until)
    return Line(
        entry,
        score(entry),
        answers(entry),
        numbers(entry),
        covering[first] if first < len(covering) else None,
        getattr(entry, "replaced_by", None),
    )


def score(entry: CheckIn) -> str:
    """The stored score in words, never a total of a partial check; empty when there is none."""
    stored = getattr(entry, "assessment", None)
    return scoring.Score(stored.items, stored.rated, stored.total).words if stored else ""


def answers(entry: CheckIn) -> list[Answer]:
    """The ratings, strongest first; items with the same words share a line."""
    scale = scoring.SCALES[entry.kind]
    rated = {rating.item: rating.value for rating in entry.ratings.all()}
    said = [
        (rated[item.key], _in_words(item, rated[item.key]), item.label)
        for item in scale.items
        if item.key in rated
    ]
    said.sort(key=lambda one: (-1 if one[0] is None else one[0], one[1]), reverse=True)
    return [
        Answer(level, words, ", ".join(label for _, _, label in group))
        for (level, words), group in groupby(said, key=lambda one: one[:2])
    ]


def _in_words(item: scoring.Item, value: int | None) -> str:
    return UNSURE if value is None else item.anchors[value]


def numbers(entry: CheckIn) -> list[tuple[str, str]]:
    """What was measured, with its unit, and whether all medicines were given where it was asked."""
    told = [
        (number.get_kind_display(), f"{number.value.normalize():f}{UNITS[number.unit]}")
        for number in entry.measurements.all()
    ]
    if entry.all_doses is not None:
        told.append(("All medicines given", "Yes" if entry.all_doses else "No"))
    return told


def by_day(shown: Iterable[Line]) -> list[tuple[date, list[Line]]]:
    """Under the day as the family called it, in the order given."""
    days = groupby(shown, key=lambda line: line.entry.local_date)
    return [(day, list(group)) for day, group in days]
