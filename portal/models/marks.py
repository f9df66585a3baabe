"""What a database says of itself, in tables of one row."""

from django.db import models


class IdentityKey(models.Model):
    """Which key file signs identities: the name it has in the server's `steady_identity/` directory.

    The key itself lies beside the database, never in it; see `manage.py database_key`. One row.
    """

    one = models.BooleanField(primary_key=True, default=True)
    name = models.CharField(max_length=16, help_text="The start of the key's SHA-256.")

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(one=True), name="identitykey_one_row")]

    def __str__(self) -> str:
        return self.name


class DemoMark(models.Model):
    """That this database holds invented people only; set by the owner, never by a request.

    Production refuses to start on a database that carries it, and without it no release is
    published unapproved.
    """

    one = models.BooleanField(primary_key=True, default=True)

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(one=True), name="demomark_one_row")]

    def __str__(self) -> str:
        return "a demonstration"
