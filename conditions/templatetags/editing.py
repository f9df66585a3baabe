"""What editing pages ask of their templates."""

from django import template

from conditions.admin import home
from portal.models import User

register = template.Library()

NAMES = {
    '<th class="original"></th>': '<th class="original"><span class="visually-hidden">Row</span></th>',
    "<th></th>": '<th><span class="visually-hidden">Acts</span></th>',
}


@register.filter(is_safe=True)
def named_head(table: str) -> str:
    """The rendered table with names in the empty heads of its outer columns; safe if the table was."""
    for nameless, named in NAMES.items():
        table = table.replace(nameless, named)
    return table


@register.inclusion_tag("admin/conditions/_home.html")
def editors_home(user: User) -> dict[str, object]:
    """What waits for editors and reviewers."""
    return {"piles": home.piles(user)}
