"""Load a condition pack as a draft."""

from argparse import ArgumentParser
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from conditions import loading, pack, packed
from conditions.models import Condition


class Command(BaseCommand):
    """Check a pack, make the working rows equal it, say what changed."""

    help = "Load a condition pack as a draft; safe to run twice. Readers see it once it is published."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Where the pack lies, and whether to write."""
        parser.add_argument("path", type=Path, help="the pack's directory")
        parser.add_argument("--dry-run", action="store_true", help="say what would change, change nothing")

    def handle(self, *, path: Path, dry_run: bool, **options: object) -> None:
        """Errors: CommandError (exit code 1) after every mistake of a broken pack was printed."""
        try:
            told = pack.read(path)
            with transaction.atomic():
                changes = loading.load(told)
                condition = Condition.objects.get(slug=told.content["condition"]["slug"])
                changes += packed.load(condition, told.translations)
                transaction.set_rollback(dry_run)
        except pack.PackError as error:
            for mistake in error.mistakes:
                self.stderr.write(mistake)
            count = len(error.mistakes)
            words = "1 mistake" if count == 1 else f"{count} mistakes"
            raise CommandError(f"The pack has {words}; nothing was changed.") from error
        for change in changes:
            self.stdout.write(change)
        self.stdout.write(_summary(len(changes), dry_run=dry_run))


def _summary(count: int, *, dry_run: bool) -> str:
    if not count:
        return "Nothing to change."
    words = "1 change" if count == 1 else f"{count} changes"
    return f"{words} to make; this was a dry run." if dry_run else f"{words} made, as a draft."
