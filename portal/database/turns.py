"""Taking turns: what must not happen twice at once."""

from django.db import connection


def take_turns(word: str) -> None:
    """Two taps at once: the second waits for the first's transaction, and then sees what it stored."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [word])
