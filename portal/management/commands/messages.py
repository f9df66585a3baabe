"""`manage.py messages`: write what the source asks gettext for into every catalogue."""

from typing import Any

from django.core.management.base import BaseCommand

from portal import catalogues, extraction


class Command(BaseCommand):
    """Says of each language how many messages wait for a translation."""

    help = "Bring locale/*/LC_MESSAGES/django.po up to date with the source, and compile them."

    def handle(self, *args: Any, **options: Any) -> None:
        """Update, then count."""
        extraction.update()
        catalogues.compile_changed()
        for language in catalogues.languages():
            waiting = [each for each in extraction.read(language) if each.id and not _is_done(each.string)]
            self.stdout.write(f"{language}: {len(waiting)} without a translation")


def _is_done(string: Any) -> bool:
    return all(string) if isinstance(string, tuple | list) else bool(string)
