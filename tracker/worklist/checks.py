"""Home checks in the short words that a list has room for."""

from decimal import Decimal

from tracker.models import PatientStatus
from tracker.timeline import number


def check_words(status: PatientStatus) -> str:
    """What the home check that counts says, compared with what is usual for this patient."""
    if status.items is None:
        return "No home check yet." if status.last_received_at else ""
    if status.total is None:
        return f"Home check: {status.rated} of {status.items} items, no total."
    if status.baseline is None or status.rise is None:
        return f"Home check {status.total}; too few earlier ones to say what is usual."
    words = f"Home check {status.total}, usually {number(status.baseline)}"
    return f"{words}: {rise_words(status.rise)}." if status.rise else f"{words}."


def rise_words(rise: Decimal) -> str:
    """`1 point up`, `2.5 points down`; `as usual` for none."""
    if not rise:
        return "as usual"
    points = "1 point" if abs(rise) == 1 else f"{number(abs(rise))} points"
    return f"{points} {'up' if rise > 0 else 'down'}"
