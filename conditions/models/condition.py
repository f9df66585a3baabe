"""A condition, what it is called, how it is coded, what is seen of it."""

from typing import ClassVar

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from conditions.models.statement import Population, no_nul
from portal.history import kept


@kept()
class Condition(models.Model):
    """One condition as editors work on it; readers see its latest published release."""

    slug = models.SlugField(max_length=80, unique=True)
    name = models.CharField(max_length=200, validators=[no_nul])
    short_name = models.CharField(max_length=40, blank=True, validators=[no_nul])
    summary = models.TextField(max_length=600, validators=[no_nul])
    review_months = models.PositiveSmallIntegerField(
        "months until the next review",
        default=12,
        validators=[MinValueValidator(1), MaxValueValidator(60)],
        help_text="Counted from publication; readers see when it is due.",
    )

    class Meta:
        ordering: ClassVar = ["name"]
        constraints = [
            models.CheckConstraint(condition=Q(review_months__range=(1, 60)), name="condition_review_months")
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        """The public page."""
        return reverse("conditions:detail", args=[self.slug])


@kept()
class Name(models.Model):
    """Another name under which people look for the condition."""

    class Kind(models.TextChoices):
        """Why it is called that."""

        SYNONYM = "synonym", _("Synonym")
        ABBREVIATION = "abbreviation", _("Abbreviation")
        EPONYM = "eponym", _("Eponym")
        LAY = "lay", _("Lay name")
        FORMER = "former", _("Former name")
        MISSPELLING = "misspelling", _("Misspelling")

    condition = models.ForeignKey(Condition, models.CASCADE, related_name="names")
    text = models.CharField(max_length=200, validators=[no_nul])
    kind = models.CharField(max_length=20, choices=Kind)
    note = models.CharField(
        max_length=300, blank=True, validators=[no_nul], help_text="For instance what else it may mean."
    )
    ambiguous = models.BooleanField(
        default=False, help_text="It means other things too, so texts must write it out."
    )

    class Meta:
        ordering: ClassVar = ["id"]
        constraints = [models.UniqueConstraint(fields=["condition", "text"], name="name_once")]

    def __str__(self) -> str:
        return self.text


@kept()
class Code(models.Model):
    """The condition in a code system, with how well it fits; `none` says that it was looked for."""

    class Relation(models.TextChoices):
        """How the code's meaning relates to the condition's."""

        EXACT = "exact", _("Exact")
        BROADER = "broader", _("Broader")
        NARROWER = "narrower", _("Narrower")
        RELATED = "related", _("Related")
        NONE = "none", _("Confirmed none")

    condition = models.ForeignKey(Condition, models.CASCADE, related_name="codes")
    system = models.CharField(max_length=40, validators=[no_nul])
    code = models.CharField(max_length=40, blank=True, validators=[no_nul])
    display = models.CharField(max_length=200, blank=True, validators=[no_nul])
    relation = models.CharField(max_length=10, choices=Relation)
    source = models.ForeignKey("Source", models.PROTECT, related_name="+")
    checked = models.BooleanField(default=True)
    note = models.CharField(max_length=300, blank=True, validators=[no_nul])

    class Meta:
        ordering: ClassVar = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["condition", "system", "code"], name="code_once"),
            models.CheckConstraint(
                condition=Q(relation="none", code="") | (~Q(relation="none") & ~Q(code="")),
                name="code_unless_confirmed_none",
                violation_error_message="Give a code, or the relation “confirmed none” without one.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.system} {self.code or 'none'}"


@kept()
class Feature(models.Model):
    """A sign or symptom as a term of the Human Phenotype Ontology."""

    class Frequency(models.TextChoices):
        """Orphanet's bands."""

        VERY_FREQUENT = "very frequent", _("Very Frequent")
        FREQUENT = "frequent", _("Frequent")
        OCCASIONAL = "occasional", _("Occasional")

    condition = models.ForeignKey(Condition, models.CASCADE, related_name="features")
    hpo = models.CharField("HPO term", max_length=12)
    name = models.CharField(max_length=200, validators=[no_nul])
    lay = models.CharField("in lay words", max_length=200, validators=[no_nul])
    frequency = models.CharField(max_length=20, choices=Frequency, blank=True)
    population = models.CharField(max_length=10, choices=Population, default=Population.ALL)
    source = models.ForeignKey("Source", models.PROTECT, related_name="+")

    class Meta:
        ordering: ClassVar = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["condition", "hpo", "population"], name="feature_once"),
            models.CheckConstraint(condition=Q(hpo__regex=r"^HP:[0-9]{7}$"), name="feature_hpo_form"),
        ]

    def __str__(self) -> str:
        return f"{self.hpo} {self.name}"
