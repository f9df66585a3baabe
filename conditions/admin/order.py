"""The order in which an editor goes through a condition's statements."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from conditions.models import Statement

READING = ("section__position", "section__key", "position", "key", "pk")


def following(statement: Statement) -> int | None:
    """The key of the next statement as readers meet them; None after the last. Queries: one."""
    beside = Statement.objects.filter(section__condition=statement.section.condition_id)
    keys = list(beside.order_by(*READING).values_list("pk", flat=True))
    at = keys.index(statement.pk) + 1
    return keys[at] if at < len(keys) else None


def go_on(request: HttpRequest, saved: Statement) -> HttpResponse:
    """To the statement after the saved one, or to the list after the last."""
    after = following(saved)
    if after is None:
        messages.success(request, f"{saved} is saved. It was the last statement of its condition.")
        return redirect("admin:conditions_statement_changelist")
    messages.success(request, f"{saved} is saved. This is the next statement.")
    return redirect("admin:conditions_statement_change", after)
