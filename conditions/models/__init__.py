"""What is known about a condition: working rows for editors, releases for readers."""

from conditions.models.condition import Code, Condition, Feature, Name
from conditions.models.release import Approval, Edit, Release
from conditions.models.sharing import SharedReview
from conditions.models.statement import Citation, Population, Section, Source, Statement
from conditions.models.unsaved import UnsavedText

__all__ = [
    "Approval",
    "Citation",
    "Code",
    "Condition",
    "Edit",
    "Feature",
    "Name",
    "Population",
    "Release",
    "Section",
    "SharedReview",
    "Source",
    "Statement",
    "UnsavedText",
]
