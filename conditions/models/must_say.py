"""What a condition's text must say, and which statements say it."""

from typing import ClassVar

from django.db import models

from conditions.models.condition import Condition
from conditions.models.statement import Statement, no_nul
from portal.history import kept


@kept()
class MustSay(models.Model):
    """One thing that no reader may miss; no release should lack a statement of it."""

    condition = models.ForeignKey(Condition, models.CASCADE, related_name="must_says")
    key = models.SlugField(max_length=40)
    text = models.CharField(
        max_length=200, validators=[no_nul], help_text="What readers must be told, for editors."
    )

    class Meta:
        verbose_name = "must-say"
        verbose_name_plural = "must-says"
        ordering: ClassVar = ["key"]
        constraints = [models.UniqueConstraint(fields=["condition", "key"], name="must_say_key_once")]

    def __str__(self) -> str:
        return self.key


@kept()
class Saying(models.Model):
    """That a statement says it."""

    must_say = models.ForeignKey(MustSay, models.CASCADE, related_name="sayings")
    statement = models.ForeignKey(Statement, models.CASCADE, related_name="sayings")

    class Meta:
        ordering: ClassVar = ["id"]
        constraints = [models.UniqueConstraint(fields=["must_say", "statement"], name="saying_once")]

    def __str__(self) -> str:
        return str(self.statement)
