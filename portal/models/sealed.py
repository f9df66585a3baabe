"""Texts kept sealed until they reach whom they are for."""

from uuid import uuid4

from django.db import models
from django.utils import timezone

from portal.models.people import User


class ParkedForm(models.Model):
    """What a person had typed when their session ended, sealed, for half an hour.

    Only the same person gets it back, on the page where they typed it.
    """

    user = models.ForeignKey(User, models.CASCADE, related_name="+")
    path = models.CharField(max_length=300)
    sealed = models.BinaryField()
    parked_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "path"], name="parkedform_one_a_page")]

    def __str__(self) -> str:
        return f"typed by {self.user_id}"


class Letter(models.Model):
    """An e-mail on its way: written by a request, sent by the job worker, then deleted."""

    key = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    sealed = models.BinaryField(help_text="The whole message, encrypted.")
    written_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return f"letter {self.key}"
