"""What was made of published releases, for every process to give again."""

from django.db import models
from django.utils import timezone


class KeptPage(models.Model):
    """A body under the digest of all that it shows: it cannot be stale, only no longer asked for.

    Written by whoever made it, under a seal of the application: see `conditions.shelf`.
    """

    key = models.CharField(max_length=64, primary_key=True)
    packed = models.BinaryField(help_text="The body, compressed.")
    seal = models.BinaryField()
    made_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return self.key
