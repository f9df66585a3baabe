"""What must hold of the database before Steady serves from it."""

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import OperationalError, ProgrammingError, connection
from django.db.migrations.executor import MigrationExecutor

from portal.identity import speaking_as
from portal.models import DemoMark


def is_migrated() -> bool:
    """Whether every migration of this code is applied."""
    executor = MigrationExecutor(connection)
    return not executor.migration_plan(executor.loader.graph.leaf_nodes())


def is_restricted() -> bool:
    """Whether our login is bound by row-level security: it owns nothing and may not bypass."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT NOT (rolsuper OR rolbypassrls OR rolcreaterole) AND NOT EXISTS"
            " (SELECT FROM pg_tables WHERE tableowner = current_user)"
            " FROM pg_roles WHERE rolname = current_user"
        )
        return bool(cursor.fetchone()[0])


def is_believed() -> bool:
    """Whether the database server holds the key that we sign identities with."""
    try:
        with speaking_as("job:start"), connection.cursor() as cursor:
            cursor.execute("SELECT steady_identity()")
            return bool(cursor.fetchone()[0] == "job:start")
    except ProgrammingError:
        return False


def is_of_this_mode() -> bool:
    """Whether invented people stay where everybody is invented."""
    return settings.DEMO or not DemoMark.objects.exists()


def refuse_unsafe() -> None:
    """Stop a start on a database that would serve the wrong records or guard none.

    Errors: ImproperlyConfigured with one sentence. A database that does not answer yet is no
    reason: readiness keeps requests away until it does, and asks the same questions.
    """
    try:
        if not is_restricted():
            raise ImproperlyConfigured(
                "DATABASE_URL must name a role that owns no table and bypasses nothing."
            )
        if not is_of_this_mode():
            raise ImproperlyConfigured(
                "This database is marked as a demonstration; STEADY_MODE must be demo."
            )
        if not is_believed():
            raise ImproperlyConfigured("The database server lacks the identity key: manage.py database_key.")
    except OperationalError:
        return
    finally:
        connection.close()
