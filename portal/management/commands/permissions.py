"""`manage.py permissions`: write docs/permissions.md from `portal.roles.GRANTS`."""

from pathlib import Path

from django.conf import settings
from django.core.management.base import BaseCommand

from portal.roles import GRANTS, Role

PAGE = Path(settings.BASE_DIR) / "docs" / "permissions.md"
HEAD = """# Who may do what

Made from `GRANTS` in `portal/roles.py` by `manage.py permissions`; a test fails when it is out of date.

A right says that a person may do a kind of thing. Whose record it applies to is decided by seats
(`tracker/models/seats.py`) and once more by the database. A person with several roles has the rights of
each. There is no role above these, and none that reaches a record without a seat.
"""


def page() -> str:
    """The whole document: a row a right, a column a role."""
    rights = sorted(set().union(*GRANTS.values()))
    rows = [["right", *(str(role.label) for role in Role)], ["---"] * (len(Role) + 1)]
    rows += [[f"`{right}`", *("yes" if right in GRANTS[role] else "" for role in Role)] for right in rights]
    return f"{HEAD}\n" + "".join(f"| {' | '.join(row)} |\n" for row in rows)


class Command(BaseCommand):
    """Run after every change of GRANTS."""

    help = "Write docs/permissions.md from the table of rights."

    def handle(self, *args: object, **options: object) -> None:
        """Replace the file."""
        PAGE.write_text(page(), encoding="utf-8")
        self.stdout.write("docs/permissions.md is up to date.")
