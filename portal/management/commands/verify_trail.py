"""`manage.py verify_trail`: whether the trail and the row histories are what was sealed."""

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connections

from portal import seals


class Command(BaseCommand):
    """Run by the owner, by hand or from outside on a schedule; it changes nothing."""

    help = "Recompute every seal on the trail and on row histories; status 1 when something was changed."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take a head that was kept elsewhere."""
        parser.add_argument("--head", default="", help="A head from the daily mail: 64 hex digits.")

    def handle(self, *args: object, head: str, **options: object) -> None:
        """Print one sentence a finding. Errors: CommandError with a login that may not read the trail."""
        using = "owner" if "owner" in connections else "default"
        if not seals.can_read(using):
            raise CommandError("This login may not read the trail: set OWNER_DATABASE_URL.")
        report = seals.verify(using, head.strip().lower())
        self.stdout.write(f"{report.rows} rows under {report.seals} seals; {report.newer} rows wait for one.")
        if report.head:
            self.stdout.write(f"The head is {report.head}.")
        for finding in report.findings:
            self.stderr.write(finding)
        if report.findings:
            raise CommandError("The trail was changed.", returncode=1)
        self.stdout.write("Nothing was changed.")
