"""The order in which an editor goes through a condition's rows."""

from typing import Any
from urllib.parse import quote

from django.contrib import messages
from django.contrib.admin.templatetags.admin_urls import add_preserved_filters
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from conditions.models import Statement

READING = ("section__position", "section__key", "position", "key", "pk")


def reading(statement: Statement) -> "QuerySet[Statement]":
    """The statements of the same condition as readers meet them."""
    return Statement.objects.filter(section__condition=statement.section.condition_id).order_by(*READING)


def following(row: Any, rows: "QuerySet[Any]") -> int | None:
    """The key of the row after this one; None after the last. Queries: one."""
    keys = list(rows.values_list("pk", flat=True))
    at = keys.index(row.pk) + 1
    return keys[at] if at < len(keys) else None


def go_on(request: HttpRequest, saved: Any, rows: "QuerySet[Any]") -> HttpResponse:
    """To the row after the saved one, or to the list after the last; the list's filters stay."""
    about, after = saved._meta, following(saved, rows)
    if after is None:
        messages.success(request, f"{saved} is saved. It was the last {about.verbose_name} of its condition.")
        address = reverse(f"admin:conditions_{about.model_name}_changelist")
    else:
        messages.success(request, f"{saved} is saved. This is the next {about.verbose_name}.")
        address = reverse(f"admin:conditions_{about.model_name}_change", args=[after])
    filters = request.GET.get("_changelist_filters")
    told = {"preserved_filters": f"_changelist_filters={quote(filters)}" if filters else "", "opts": about}
    return redirect(add_preserved_filters(told, address))
