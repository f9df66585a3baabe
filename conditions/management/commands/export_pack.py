"""Write a condition's release or draft as a pack."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from conditions import packed, packing, snapshot
from conditions.formats import current
from conditions.models import Condition, Release
from conditions.pack import PackError


class Command(BaseCommand):
    """Take the content, write the files, read them back, say the digest."""

    help = "Export a condition as a pack that loads again with the same digest."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Which condition, which version of it, and where to."""
        parser.add_argument("slug", help="the condition's address, as on its page")
        parser.add_argument("path", type=Path, help="a new or empty directory")
        which = parser.add_mutually_exclusive_group()
        which.add_argument("--release", type=int, help="a published release; the latest without this")
        which.add_argument("--draft", action="store_true", help="the working rows instead of a release")

    def handle(self, *, slug: str, path: Path, release: int | None, draft: bool, **options: object) -> None:
        """Errors: CommandError when there is no such version, or it does not fit in a pack."""
        content = _draft(slug) if draft else _release(slug, release)
        try:
            told = packed.kept(Condition.objects.get(slug=slug), current(content))
            written = packing.write(content, path, told)
        except PackError as error:
            for mistake in error.mistakes:
                self.stderr.write(mistake)
            raise CommandError("The content breaks rules of a pack; mend it in the admin first.") from error
        except (FileExistsError, packing.NotPackable) as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"Written to {path}; digest {snapshot.digest(written.content)}.")


def _draft(slug: str) -> Any:
    condition = Condition.objects.filter(slug=slug).first()
    if condition is None:
        raise CommandError(f"There is no condition “{slug}”.")
    return snapshot.take(condition)


def _release(slug: str, number: int | None) -> Any:
    published = Release.objects.published().filter(condition__slug=slug)
    if number is not None:
        published = published.filter(number=number)
    found = published.first()
    if found is None:
        raise CommandError(f"“{slug}” has no such published release; --draft exports the working rows.")
    return found.snapshot
