"""The trail of what people did, the seals on it, and what browsers report."""

from uuid import uuid4

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.utils import timezone


class AuditEvent(models.Model):
    """One act in the trail: who, what, whom, when. Append-only; written by `portal.audit.record`.

    Names are copied and nothing is a foreign key, so that the trail outlives what it names. The columns
    `xid` and `epoch`, by which `portal.seals` finds a row, are the database's own: were they fields,
    Django would ask for them back, and who adds to the trail may not read it.
    """

    # A key of our own making: asking the database for one would need the right to read the trail.
    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    at = models.DateTimeField(default=timezone.now, editable=False)
    actor_id = models.BigIntegerField(null=True, help_text="Empty for someone who was not signed in.")
    actor_name = models.CharField(max_length=254)
    action = models.CharField(max_length=60)
    target = models.CharField(max_length=120, help_text="Kind and key of what was acted on.")
    patient_id = models.UUIDField(null=True, help_text="Whose record it was.")
    patients = ArrayField(models.UUIDField(), default=list, help_text="Every patient a list showed.")

    class Meta:
        constraints = [models.CheckConstraint(condition=~models.Q(action=""), name="auditevent_has_action")]
        indexes = [
            models.Index(fields=["patient_id", "-at"], name="auditevent_patient"),
            models.Index(fields=["-at"], name="auditevent_newest"),
            models.Index(fields=["actor_id", "-at"], name="auditevent_actor"),
            GinIndex(fields=["patients"], name="auditevent_lists"),
        ]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {self.actor_name}: {self.action} {self.target}"


class Seal(models.Model):
    """That the rows of a window of transactions were such, chained to the seal before.

    A window is closed: no transaction in `first <= xid < until` of this `epoch` can still commit.
    """

    epoch = models.BigIntegerField(help_text="The life of the server that numbered the transactions.")
    first = models.BigIntegerField()
    until = models.BigIntegerField()
    rows = models.PositiveIntegerField()
    digest = models.CharField(max_length=64, help_text="SHA-256 of the window's rows.")
    chain = models.CharField(max_length=64, help_text="SHA-256 of this seal and the chain before it.")
    sealed_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["epoch", "first"], name="seal_window_once"),
            models.UniqueConstraint(fields=["chain"], name="seal_chain_once"),
            models.CheckConstraint(
                condition=models.Q(first__lt=models.F("until")), name="seal_window_has_length"
            ),
        ]

    def __str__(self) -> str:
        return f"transactions {self.first} to {self.until}"


class PolicyReport(models.Model):
    """What a browser refused to load for our content policy: never an address, never what was typed."""

    at = models.DateTimeField(default=timezone.now)
    directive = models.CharField(max_length=60)
    blocked = models.CharField(max_length=200, help_text="Scheme and host, or a word such as `inline`.")
    route = models.CharField(max_length=100, help_text="Name of the page's route.")

    def __str__(self) -> str:
        return f"{self.directive} refused {self.blocked}"
