"""A patient's rows -> lanes and marks on one time axis, to be written out as SVG. No query, no request."""

from tracker.timeline.courses import current
from tracker.timeline.courses import rows as treatment_rows
from tracker.timeline.days import check_rows, daily_rows
from tracker.timeline.entries import Line, line, stands
from tracker.timeline.facts import Logged, Record, Usual, day_words, number
from tracker.timeline.period import Period, asked
from tracker.timeline.picture import Picture, draw
from tracker.timeline.standing import mark_words

__all__ = [
    "Line",
    "Logged",
    "Period",
    "Picture",
    "Record",
    "Usual",
    "asked",
    "check_rows",
    "current",
    "daily_rows",
    "day_words",
    "draw",
    "line",
    "mark_words",
    "number",
    "stands",
    "treatment_rows",
]
