"""`manage.py database_roles`: make Steady's roles on a PostgreSQL server of your own."""

from django.core.management.base import BaseCommand, CommandError
from django.db import connection

from portal.database.cluster import EXTENSIONS, ROLES, create_roles, grant_database


class Command(BaseCommand):
    """Needs DATABASE_URL to name a superuser and Steady's database; safe to repeat."""

    help = "Create the roles, their limits and the database's grants, as a superuser; prints what it did."

    def handle(self, *args: object, **options: object) -> None:
        """Errors: CommandError when the login is not a superuser."""
        connection.ensure_connection()
        with connection.connection.cursor() as cursor:
            cursor.execute("SELECT rolsuper, current_database() FROM pg_roles WHERE rolname = current_user")
            superuser, database = cursor.fetchone()
            if not superuser:
                raise CommandError(
                    "Name a superuser in DATABASE_URL for this command, and only for this one."
                )
            create_roles(cursor)
            grant_database(cursor)
        for role, attributes in ROLES.items():
            self.stdout.write(f"role {role}: {attributes}")
        self.stdout.write(f"database {database}: open to these roles only, with {', '.join(EXTENSIONS)}")
