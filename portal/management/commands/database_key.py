"""`manage.py database_key`: give the database server the key that proves who is asking."""

import os
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connections

from portal.identity import key_file, key_name


class Command(BaseCommand):
    """Run by the owner after migrating and after a new SECRET_KEY; safe to repeat.

    The key is a file in the directory `steady_identity` of the server's data directory, which may be a
    link to elsewhere: so no dump of the database holds it.
    """

    help = "Write the identity key's file, tell the database its name, and check that the server reads it."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the directory; IDENTITY_KEY_DIRECTORY in the environment is the default."""
        parser.add_argument("--directory", default=os.environ.get("IDENTITY_KEY_DIRECTORY"))

    def handle(self, *args: object, directory: str | None, **options: object) -> None:
        """Errors: CommandError with what to do when the server cannot read the key."""
        if directory:
            write(Path(directory))
        with connections["owner"].cursor() as cursor:
            cursor.execute(
                "INSERT INTO portal_identitykey (one, name) VALUES (true, %s)"
                " ON CONFLICT (one) DO UPDATE SET name = excluded.name",
                [key_name()],
            )
            cursor.execute("SET ROLE steady_policy")
            cursor.execute("SELECT pg_read_binary_file('steady_identity/' || %s, 0, 128, true)", [key_name()])
            (found,) = cursor.fetchone()
            cursor.execute("RESET ROLE")
        if found is None or bytes(found) != key_file():
            raise CommandError(
                "The database server cannot read its identity key. On its machine, make the directory"
                " steady_identity in its data directory, readable by the server alone; write the key with"
                " manage.py database_key --directory to any place, and move the file there."
            )
        self.stdout.write("The database server knows the identity key.")


def write(directory: Path) -> None:
    """Put the key there whole or not at all, readable by its owner and group alone."""
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    new = directory / f"{key_name()}.new"
    new.touch(mode=0o640)
    new.write_bytes(key_file())
    new.replace(directory / key_name())
