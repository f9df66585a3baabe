"""What changed since the last review, in a few sentences."""

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from tracker.models import CheckIn, PatientStatus, Review
from tracker.timeline import day_words
from tracker.worklist.words import check_words


def changes(
    status: PatientStatus, check_ins: Sequence[CheckIn], signed: Sequence[Review], zone: str
) -> list[str]:
    """Sentences about a diary; `check_ins` newest first, with their assessment, `signed` newest first."""
    last = signed[0] if signed else None
    covered = max((each.covers_until for each in signed), default=None)
    return list(
        filter(None, [_since(status, last, zone), _was_and_is(check_ins, covered), check_words(status)])
    )


def _since(status: PatientStatus, last: Review | None, zone: str) -> str:
    number = status.unreviewed
    entries = "1 entry" if number == 1 else f"{number or 'No'} entries"
    if last is None:
        return f"Nobody has reviewed this diary yet. {entries} so far."
    day = day_words(last.at.astimezone(ZoneInfo(zone)).date())
    return f"{entries} since the review of {day} by {last.reviewer} ({last.get_outcome_display().lower()})."


def _was_and_is(check_ins: Sequence[CheckIn], covered: datetime | None) -> str:
    """The newest complete home check before the review beside the newest after it."""
    complete = [row for row in check_ins if _total(row) is not None]
    before = next((row for row in complete if covered and row.received_at <= covered), None)
    after = next((row for row in complete if not covered or row.received_at > covered), None)
    if before is None or after is None:
        return ""
    was, now = _total(before), _total(after)
    return (
        f"The home check was {was} on {day_words(before.local_date)},"
        f" and {now} on {day_words(after.local_date)}."
    )


def _total(row: CheckIn) -> int | None:
    """The total of a home check that stands and is complete."""
    stands = not row.error_reason and getattr(row, "replaced_by", None) is None
    score = getattr(row, "assessment", None)
    return score.total if stands and score is not None else None
