"""What an editor has typed and not saved: a scratch of theirs alone, no part of any content."""

from django.conf import settings
from django.db import models
from django.utils import timezone


class UnsavedText(models.Model):
    """The sealed form of one editing page as one editor last left it.

    Row-level security shows it to nobody else; it goes when the page is saved.
    """

    editor = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    path = models.CharField(max_length=300)
    sealed = models.BinaryField()
    typed_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["editor", "path"], name="unsavedtext_one_a_page")]

    def __str__(self) -> str:
        return f"typed by {self.editor_id}"
