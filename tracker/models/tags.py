"""A clinic's own words for groups of patients."""

from typing import ClassVar
from uuid import uuid4

from django.conf import settings
from django.core.validators import ProhibitNullCharactersValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone

from portal.history import kept

no_nul = ProhibitNullCharactersValidator()


class Tag(models.Model):
    """A word by which a clinic groups its patients; the key is what an address shows."""

    key = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    clinic = models.ForeignKey("Clinic", models.PROTECT, related_name="tags")
    name = models.CharField(max_length=40, validators=[no_nul])
    team = models.BooleanField(default=False, help_text="A team of the clinic rather than a word.")

    class Meta:
        ordering: ClassVar = ["name"]
        constraints = [
            models.UniqueConstraint(fields=["clinic", "name"], name="tag_once"),
            models.CheckConstraint(condition=~Q(name=""), name="tag_has_a_name"),
        ]

    def __str__(self) -> str:
        return self.name


@kept()
class Tagging(models.Model):
    """That a tag is on a patient, until it is taken off."""

    patient = models.ForeignKey("Patient", models.PROTECT, related_name="taggings")
    tag = models.ForeignKey(Tag, models.PROTECT, related_name="taggings")
    set_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    set_at = models.DateTimeField(default=timezone.now)
    taken_off_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["patient", "tag"], condition=Q(taken_off_at=None), name="tagging_once"
            )
        ]

    def __str__(self) -> str:
        return str(self.tag)
