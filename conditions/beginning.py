"""How a new condition begins: the usual sections, empty, so that nobody starts before a blank page."""

from dataclasses import dataclass

from django.db import transaction
from django.urls import reverse

from conditions.models import Condition, Section
from portal import audit
from portal.models import User

Kind, Urgency = Section.Kind, Section.Urgency

# key, title, kind, urgency: in the order shown. An editor renames, moves or deletes them like any other.
USUAL = (
    ("overview", "What it is", Kind.TEXT, ""),
    ("act-at-once", "When to call for help at once", Kind.CARE, Urgency.EMERGENCY),
    ("act-today", "When to call the clinic today", Kind.CARE, Urgency.URGENT),
    ("signs", "Signs and symptoms", Kind.TEXT, ""),
    ("causes", "Causes", Kind.TEXT, ""),
    ("diagnosis", "How it is found", Kind.TEXT, ""),
    ("differential", "What else it can be", Kind.DIFFERENTIAL, ""),
    ("treatment", "Treatment", Kind.TEXT, ""),
    ("living", "Living with it", Kind.TEXT, ""),
    ("outlook", "What to expect", Kind.TEXT, ""),
    ("questions", "Questions people ask", Kind.QUESTIONS, ""),
    ("myths", "What is often said wrongly", Kind.MYTHS, ""),
)


@dataclass(frozen=True)
class Gap:
    """Something that a condition usually has and this one lacks, and the page where it is written."""

    text: str
    address: str


def begin(user: User, condition: Condition) -> list[Section]:
    """Give a new condition the usual sections as drafts; one that has a section keeps what it has."""
    with transaction.atomic():
        if condition.sections.exists():
            return []
        sections = Section.objects.bulk_create(
            Section(condition=condition, key=key, title=title, kind=kind, urgency=urgency, position=at)
            for at, (key, title, kind, urgency) in enumerate(USUAL, 1)
        )
        audit.record(user, "condition.begun", condition)
    return sections


def gaps(condition: Condition) -> list[Gap]:
    """What is still empty, for editors alone: readers never meet it. Queries: five."""
    page = reverse("admin:conditions_condition_change", args=[condition.pk])
    write, cite, code = (reverse(f"admin:conditions_{word}_add") for word in ("statement", "source", "code"))
    add_section = reverse("admin:conditions_section_add")
    found = [
        Gap(f"“{title}” has no statement yet.", f"{write}?section={pk}")
        for pk, title in condition.sections.filter(statements=None).values_list("pk", "title")
    ]
    missing = (
        (condition.sections, "There is no section yet.", f"{add_section}?condition={condition.pk}"),
        (condition.sources, "There is no source yet.", f"{cite}?condition={condition.pk}"),
        (condition.names, "There is no other name yet.", f"{page}#names-group"),
        (
            condition.codes,
            "There is no code yet, nor a word that there is none.",
            f"{code}?condition={condition.pk}",
        ),
    )
    return found + [Gap(text, address) for rows, text, address in missing if not rows.exists()]
