"""What the search looks through: the words of the releases that readers see, and of nothing else."""

from typing import ClassVar

from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models

from conditions.models.release import Release
from conditions.models.statement import Population


class Passage(models.Model):
    """A name, a code, the summary or a statement of the latest published release of a condition.

    Written by a trigger when a release is published or withdrawn; the web role may only read, so no draft
    can get in. `plain` is filled where spelling is forgiven, `words` where text is searched.
    """

    release = models.ForeignKey(Release, models.CASCADE, related_name="passages")
    kind = models.CharField(max_length=20)
    key = models.CharField(max_length=80, blank=True)  # of a statement; of a code how well it fits
    population = models.CharField(max_length=10, default=Population.ALL)
    text = models.TextField()
    plain = models.TextField(blank=True)
    words = SearchVectorField()

    class Meta:
        indexes: ClassVar = [
            GinIndex(fields=["plain"], opclasses=["gin_trgm_ops"], name="passage_plain"),
            GinIndex(fields=["words"], name="passage_words"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.key}".rstrip()
