"""Whether anything about a condition's releases has changed."""

from django.db import models


class Mark(models.Model):
    """A value that is another one after each change of a condition's releases, verdicts or translations.

    Written by triggers; the web role may only read. What is kept of a page asks for it alone, by the word
    of the page's address. It is made by chance and does not count up, so that none comes twice: not after
    a rollback, not from a backup.
    """

    slug = models.SlugField(max_length=80, primary_key=True)
    value = models.UUIDField()

    def __str__(self) -> str:
        return f"{self.slug} {self.value}"
