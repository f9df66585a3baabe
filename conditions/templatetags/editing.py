"""What editing pages ask of their templates."""

from django import template
from django.utils.safestring import SafeString, mark_safe

from conditions.admin import home

register = template.Library()

NAMELESS = '<th class="original"></th>'
NAMED = '<th class="original"><span class="visually-hidden">Row</span></th>'


@register.filter(is_safe=True)
def named_head(table: str) -> SafeString:
    """The rendered table with a name in the empty head of its first column."""
    return mark_safe(table.replace(NAMELESS, NAMED))  # noqa: S308 - rendered by a template already


@register.inclusion_tag("admin/conditions/_home.html")
def editors_home() -> dict[str, object]:
    """What waits for editors and reviewers."""
    return {"piles": home.piles()}
