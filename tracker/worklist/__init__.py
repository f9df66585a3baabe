"""Who needs a look, and why: sections with written thresholds, read from one row a patient."""

from tracker.worklist.checks import check_words
from tracker.worklist.listing import PER_PAGE, Desk, Worklist, desk, dressed, read
from tracker.worklist.rows import Beside, Reason, Row
from tracker.worklist.search import found
from tracker.worklist.sections import SECTIONS, Section, place
from tracker.worklist.terms import Terms, terms_of
from tracker.worklist.words import age_words

__all__ = [
    "PER_PAGE",
    "SECTIONS",
    "Beside",
    "Desk",
    "Reason",
    "Row",
    "Section",
    "Terms",
    "Worklist",
    "age_words",
    "check_words",
    "desk",
    "dressed",
    "found",
    "place",
    "read",
    "terms_of",
]
