"""`manage.py database_key`: tell the database the key that signs identities."""

from django.core.management.base import BaseCommand
from django.db import connections

from portal.identity import key_halves


class Command(BaseCommand):
    """Run by the owner after migrating and after a new SECRET_KEY; safe to repeat."""

    help = "Store the identity key, derived from SECRET_KEY, where only the policy role can read it."

    def handle(self, *args: object, **options: object) -> None:
        """Replace the one row."""
        with connections["owner"].cursor() as cursor:
            cursor.execute(
                "INSERT INTO portal_identitykey (one, inner_pad, outer_pad) VALUES (true, %s, %s)"
                " ON CONFLICT (one) DO UPDATE"
                " SET inner_pad = excluded.inner_pad, outer_pad = excluded.outer_pad",
                key_halves(),
            )
        self.stdout.write("The database knows the identity key.")
