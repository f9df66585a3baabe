"""Check-ins as lines of a list: what was said, when it was for, when it came, whether it still stands."""

from collections.abc import Iterator
from dataclasses import dataclass

from tracker import scoring
from tracker.models import CheckIn, Measurement
from tracker.timeline.arrival import Covered, late_words, review_missed
from tracker.timeline.days import rating_words, score_words
from tracker.timeline.facts import number
from tracker.timeline.reading import logged

UNITS = {"h": " h", "Cel": " °C", "{count}": "", "mm[Hg]": " mm Hg"}


@dataclass(frozen=True)
class Line:
    """One check-in in words. `late` and `state` are empty for one in time that stands."""

    check_in: CheckIn
    headline: str
    ratings: str
    measured: str
    late: str
    state: str


def line(row: CheckIn, covered: Covered = ()) -> Line:
    """Put a check-in into words. Queries: none when it came `with_details()` and its replacement."""
    told = logged(row)
    headline = f"Home check {score_words(told)}" if told.score else str(row.get_kind_display())
    items = scoring.SCALES[row.kind].items
    given = [
        f"{item.label} {rating_words(told.ratings, item.key)}" for item in items if item.key in told.ratings
    ]
    late = ", ".join(
        filter(
            None,
            [
                late_words(row.local_date, row.received_at, row.zone or "UTC"),
                review_missed(row.local_date, row.received_at, covered),
            ],
        )
    )
    if row.error_reason:
        headline, given = "Marked as a mistake", []
    return Line(row, headline, ", ".join(given), ", ".join(_measured(row)), late, state(row))


def state(row: CheckIn) -> str:
    """Why a check-in no longer stands, or that it is a correction; empty for a plain one."""
    later = getattr(row, "replaced_by", None)
    if later is not None:
        return (
            f"Marked as a mistake: {later.error_reason}"
            if later.error_reason
            else "Corrected by a later entry"
        )
    if row.error_reason:
        return f"Entry of {row.local_date:%-d %b %Y}: {row.error_reason}"
    return "Corrects an earlier entry" if row.replaces_id else ""


def stands(row: CheckIn) -> bool:
    """Whether it counts: neither replaced nor a mark of a mistake."""
    return not row.error_reason and getattr(row, "replaced_by", None) is None


def _measured(row: CheckIn) -> Iterator[str]:
    for measurement in row.measurements.all():
        label = Measurement.Kind(measurement.kind).label
        yield f"{label} {number(measurement.value)}{UNITS[measurement.unit]}"
