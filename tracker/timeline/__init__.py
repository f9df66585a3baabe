"""A patient's rows -> lanes and marks on one time axis, to be written out as SVG. No query, no request."""

from tracker.timeline.courses import current
from tracker.timeline.courses import rows as treatment_rows
from tracker.timeline.days import check_rows, daily_rows
from tracker.timeline.entries import Line, line, stands
from tracker.timeline.facts import Record, Usual, day_words, number, record
from tracker.timeline.picture import PERIODS, Picture, draw, period

__all__ = [
    "PERIODS",
    "Line",
    "Picture",
    "Record",
    "Usual",
    "check_rows",
    "current",
    "daily_rows",
    "day_words",
    "draw",
    "line",
    "number",
    "period",
    "record",
    "stands",
    "treatment_rows",
]
