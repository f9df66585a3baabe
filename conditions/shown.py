"""A statement and its section as a reader sees them. Pure."""

from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from conditions.formats import label_of
from conditions.models import Citation, Population
from portal import languages

ENGLISH = "en"
ADVICE = {
    "emergency": gettext_lazy("Emergency advice:"),
    "urgent": gettext_lazy("Urgent advice:"),
    "non-urgent": gettext_lazy("Non-urgent advice:"),
}
MISSING, CHANGED = "missing", "changed"  # why a statement of a translated page stays English


@dataclass(frozen=True)
class Footnote:
    """One citation: the source's number and key, where in it, to what effect, who compared them when."""

    number: int
    source: str
    title: str
    locator: str
    stance: str
    checked: bool
    checked_on: date | None

    @property
    def effect(self) -> str:
        """The stance in a word."""
        return label_of(Citation.Stance, self.stance)


@dataclass(frozen=True)
class Decision:
    """Why a statement says what it says although sources differ, who decided so, and when."""

    why: str
    by: str
    on: date

    def __str__(self) -> str:
        return f"{self.fact} {self.why}"

    @property
    def fact(self) -> str:
        """Who decided and when, before the reason."""
        return _("Decided by %(by)s on %(day)s. Why:") % {"by": self.by, "day": languages.day(self.on)}


@dataclass(frozen=True)
class ShownStatement:
    """A statement with its footnotes; `population` is the label of a group, or '' for everyone.

    `text` has the words that were asked for, `professional` those for clinicians or ''. On a translated
    page `lack` says why it stays English, or ''.
    """

    key: str
    question: str
    text: str
    professional: str
    dissent: str
    decision: Decision | None
    population: str
    footnotes: list[Footnote]
    language: str = ENGLISH
    lack: str = ""

    @property
    def of_adults(self) -> bool:
        """Whether it is about adults alone, which no parent meets by accident."""
        return self.population == label_of(Population, Population.ADULT)

    @property
    def disputed(self) -> bool:
        """Whether somebody says otherwise."""
        against = Citation.Stance.CONTRADICTS
        return bool(self.dissent) or any(note.stance == against for note in self.footnotes)

    @property
    def checked(self) -> bool:
        """Whether every citation was compared with its source."""
        return all(note.checked for note in self.footnotes)


@dataclass(frozen=True)
class ShownSection:
    """A heading and what stands below it for this reader; never empty."""

    key: str
    title: str
    kind: str
    urgency: str
    statements: list[ShownStatement]
    language: str = ENGLISH

    @property
    def of_adults(self) -> bool:
        """Whether all of it is about adults alone."""
        return all(each.of_adults for each in self.statements)

    @property
    def advice(self) -> str:
        """How soon a care card asks to act, for who cannot see its colour."""
        return str(ADVICE.get(self.urgency, ""))


def decision(why: str, by: str, on: date | None) -> Decision | None:
    """The decision, where it is whole."""
    return Decision(why, by, on) if why and by and on else None
