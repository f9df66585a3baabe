"""What is known about a condition: working rows for editors, releases for readers."""

from conditions.models.condition import Code, Condition, Feature, Name
from conditions.models.fact import Fact
from conditions.models.feedback import Feedback
from conditions.models.kept import KeptPage
from conditions.models.mark import Mark
from conditions.models.must_say import MustSay, Saying
from conditions.models.organisation import Organisation
from conditions.models.passage import Passage
from conditions.models.release import Approval, Edit, Release
from conditions.models.sharing import SharedReview
from conditions.models.statement import Citation, Population, Section, Source, Statement
from conditions.models.translation import TranslationRelease, TranslationVerdict
from conditions.models.unsaved import UnsavedText

__all__ = [
    "Approval",
    "Citation",
    "Code",
    "Condition",
    "Edit",
    "Fact",
    "Feature",
    "Feedback",
    "KeptPage",
    "Mark",
    "MustSay",
    "Name",
    "Organisation",
    "Passage",
    "Population",
    "Release",
    "Saying",
    "Section",
    "SharedReview",
    "Source",
    "Statement",
    "TranslationRelease",
    "TranslationVerdict",
    "UnsavedText",
]
