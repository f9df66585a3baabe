"""Statements, each one checkable, and the sources that carry them."""

from datetime import date
from typing import ClassVar

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator, ProhibitNullCharactersValidator
from django.db import models
from django.db.models.functions import Now, TruncDate
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from portal.history import kept

no_nul = ProhibitNullCharactersValidator()
HALF_DECIDED = "A decision needs its reason, who decided and the day: give all three, or none."
STILL_AHEAD = "This day has not come yet."


def has_come(day: date) -> None:
    """Errors: ValidationError for a day still to come."""
    if day > timezone.localdate():
        raise ValidationError(STILL_AHEAD)


class Population(models.TextChoices):
    """Whom a statement is about; most disagreements between sources are a missing population."""

    ALL = "all", _("Everyone")
    CHILD = "child", _("Children")
    ADULT = "adult", _("Adults")


@kept()
class Source(models.Model):
    """A work that a statement rests on."""

    class Kind(models.TextChoices):
        """What kind of work it is, strongest first."""

        CONSENSUS = "consensus", _("Consensus")
        GUIDELINE = "guideline", _("Guideline")
        REVIEW = "review", _("Review")
        TRIAL = "trial", _("Trial")
        COHORT = "cohort", _("Cohort")
        SURVEY = "survey", _("Survey")
        REGISTRY = "registry", _("Registry")
        CASE_SERIES = "case series", _("Case Series")
        CASE_REPORT = "case report", _("Case Report")
        LABEL = "label", _("Product label")
        TERMINOLOGY = "terminology", _("Terminology")
        TEACHING = "teaching", _("Teaching page")
        PATIENT_GROUP = "patient group", _("Patient Group")
        TRAINING = "training", _("Invented for training")

    class Read(models.TextChoices):
        """How much of it was read by whoever entered it."""

        ABSTRACT = "abstract", _("Abstract")
        PART = "part", _("Part")
        WHOLE = "whole", _("Whole")
        SECOND_HAND = "second hand", _("Second Hand")

    condition = models.ForeignKey("Condition", models.CASCADE, related_name="sources")
    key = models.SlugField(max_length=40)
    kind = models.CharField(max_length=20, choices=Kind)
    title = models.CharField(max_length=400, validators=[no_nul])
    authors = models.CharField(max_length=300, blank=True, validators=[no_nul])
    year = models.PositiveSmallIntegerField(
        null=True, blank=True, validators=[MinValueValidator(1900), MaxValueValidator(2100)]
    )
    published_in = models.CharField(max_length=300, blank=True, validators=[no_nul])
    doi = models.CharField("DOI", max_length=120, blank=True, validators=[no_nul])
    pmid = models.CharField("PubMed number", max_length=20, blank=True, validators=[no_nul])
    url = models.URLField("address", max_length=400, blank=True)
    read = models.CharField(max_length=20, choices=Read)
    checked = models.BooleanField(
        default=True, help_text="Somebody has confirmed that the work exists and says this."
    )
    note = models.CharField(max_length=400, blank=True, validators=[no_nul])

    class Meta:
        ordering: ClassVar = ["key"]
        constraints = [
            models.UniqueConstraint(fields=["condition", "key"], name="source_key_once"),
            models.CheckConstraint(
                condition=models.Q(year=None) | models.Q(year__range=(1900, 2100)),
                name="source_year_plausible",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.key}: {self.title}"


@kept()
class Section(models.Model):
    """A heading with its statements, in the order shown; a care card is one that says how soon to act."""

    class Kind(models.TextChoices):
        """How it is shown."""

        TEXT = "text"
        CARE = "care", "Care card"
        DIFFERENTIAL = "differential", "What else it can be"
        QUESTIONS = "questions", "Questions and answers"
        MYTHS = "myths", "What is often said wrongly"

    class Urgency(models.TextChoices):
        """How soon a care card asks to act."""

        EMERGENCY = "emergency"
        URGENT = "urgent"
        NON_URGENT = "non-urgent"

    condition = models.ForeignKey("Condition", models.CASCADE, related_name="sections")
    key = models.SlugField(max_length=40)
    title = models.CharField(max_length=120, validators=[no_nul])
    position = models.PositiveSmallIntegerField(default=0)
    kind = models.CharField(max_length=20, choices=Kind, default=Kind.TEXT)
    urgency = models.CharField(
        max_length=20, choices=Urgency, blank=True, help_text="Of a care card, and of nothing else."
    )

    class Meta:
        ordering: ClassVar = ["position", "key"]
        constraints = [
            models.UniqueConstraint(fields=["condition", "key"], name="section_key_once"),
            models.CheckConstraint(
                condition=models.Q(kind="care", urgency__in=["emergency", "urgent", "non-urgent"])
                | models.Q(kind__in=["text", "differential", "questions", "myths"], urgency=""),
                name="section_urgency_of_care_cards",
                violation_error_message="A care card needs an urgency; other sections have none.",
            ),
        ]

    def __str__(self) -> str:
        return self.title


@kept()
class Statement(models.Model):
    """One checkable claim in lay words; its key stays when its words change."""

    section = models.ForeignKey(Section, models.CASCADE, related_name="statements")
    key = models.SlugField(max_length=80)
    position = models.PositiveSmallIntegerField(default=0)
    population = models.CharField(max_length=10, choices=Population, default=Population.ALL)
    question = models.CharField(
        max_length=200,
        blank=True,
        validators=[no_nul],
        help_text="The question that this answers, the wrong belief or the lookalike that it is about.",
    )
    text = models.TextField(max_length=2000, validators=[no_nul])
    professional = models.TextField(
        "in professional words",
        max_length=2000,
        blank=True,
        validators=[no_nul],
        help_text="The same claim for clinicians; empty where the lay words serve both.",
    )
    dissent = models.CharField(
        "who dissents",
        max_length=400,
        blank=True,
        validators=[no_nul],
        help_text="Who says otherwise and what; readers see it.",
    )
    decision = models.CharField(
        "why it was decided so",
        max_length=400,
        blank=True,
        validators=[no_nul],
        help_text="Where sources differ: the reason for what the text says; readers see it.",
    )
    decided_by = models.CharField(
        "who decided",
        max_length=120,
        blank=True,
        validators=[no_nul],
        help_text="A person with their post, or a group; readers see it.",
    )
    decided_on = models.DateField("decided on", null=True, blank=True, validators=[has_come])

    class Meta:
        ordering: ClassVar = ["position", "key"]
        constraints = [
            models.UniqueConstraint(fields=["section", "key"], name="statement_key_once"),
            models.CheckConstraint(
                condition=models.Q(population__in=Population.values), name="statement_population_known"
            ),
            models.CheckConstraint(
                condition=models.Q(decision="", decided_by="", decided_on=None)
                | models.Q(decision__regex=r"\S", decided_by__regex=r"\S", decided_on__isnull=False),
                name="statement_decision_whole",
                violation_error_message=HALF_DECIDED,
            ),
            models.CheckConstraint(
                condition=models.Q(decided_on__lte=TruncDate(Now())),
                name="statement_decided_on_has_come",
                violation_error_message=STILL_AHEAD,
            ),
        ]

    def __str__(self) -> str:
        return self.key


@kept()
class Citation(models.Model):
    """Where a source speaks of what a statement says, and to what effect."""

    class Stance(models.TextChoices):
        """What the source does to the statement."""

        SUPPORTS = "supports", _("Supports")
        CONTRADICTS = "contradicts", _("Contradicts")
        MENTIONS = "mentions", _("Mentions")

    statement = models.ForeignKey(Statement, models.CASCADE, related_name="citations")
    source = models.ForeignKey(Source, models.PROTECT, related_name="citations")
    locator = models.CharField(
        max_length=120, blank=True, validators=[no_nul], help_text="Page, table or section; or what was read."
    )
    stance = models.CharField(max_length=12, choices=Stance, default=Stance.SUPPORTS)
    checked = models.BooleanField(default=True, help_text="Somebody has compared statement and source.")
    checked_on = models.DateField("compared on", null=True, blank=True, validators=[has_come])

    class Meta:
        ordering: ClassVar = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["statement", "source"], name="citation_once"),
            models.CheckConstraint(
                condition=models.Q(stance__in=["supports", "contradicts", "mentions"]),
                name="citation_stance_known",
            ),
            models.CheckConstraint(
                condition=models.Q(checked_on=None) | models.Q(checked=True),
                name="citation_date_if_checked",
                violation_error_message="A date of comparing belongs to a citation that was compared.",
            ),
            models.CheckConstraint(
                condition=models.Q(checked_on__lte=TruncDate(Now())),
                name="citation_checked_on_has_come",
                violation_error_message=STILL_AHEAD,
            ),
        ]

    def __str__(self) -> str:
        return self.source.key
