"""What became of a statement, from the history that the database's triggers write."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import Any

from django.utils.safestring import SafeString

from conditions.models import Citation, Section, Source, Statement
from conditions.templatetags.statements import words_changed
from conditions.wordwise import compared
from portal.models import User

SHOWN = 100  # states of each kind, the newest
PLAIN = (
    "question",
    "professional",
    "dissent",
    "decision",
    "decided_by",
    "decided_on",
    "key",
    "population",
    "position",
)  # fields compared as they are typed


@dataclass(frozen=True)
class Entry:
    """One act: when, by whom, what it was, and each field that it changed."""

    at: datetime
    who: str
    what: str
    changes: list[tuple[str, SafeString]]


def entries(statement: Statement) -> list[Entry]:
    """Every act on the statement and its citations, newest first. Queries: five."""
    states = list(statement.past.order_by("-pgh_id")[: SHOWN + 1])  # type: ignore[attr-defined]  # pghistory adds it
    cited = list(_past_citations(statement))
    people = User.objects.filter(pk__in={each.by for each in [*states, *cited]})
    names = {user.pk: str(user) for user in people}
    told = [*_statement_entries(states[::-1], names), *_citation_entries(cited, names)]
    return sorted(told, key=lambda entry: entry.at, reverse=True)


def _past_citations(statement: Statement) -> Any:
    past: Any = Citation.past.rel.related_model  # type: ignore[attr-defined]  # pghistory adds it
    return past.objects.filter(statement_id=statement.pk).order_by("-pgh_id")[:SHOWN][::-1]


def _statement_entries(states: list[Any], names: dict[int, str]) -> Iterator[Entry]:
    """The first of more states than are shown is there to compare with alone."""
    titles = dict(
        Section.objects.filter(pk__in={each.section_id for each in states}).values_list("pk", "title")
    )
    if states and len(states) <= SHOWN:
        yield Entry(states[0].pgh_created_at, _who(states[0], names), "Written", [_text("", states[0].text)])
    for old, new in pairwise(states):
        changes = [] if old.text == new.text else [_text(old.text, new.text)]
        changes += [
            (name, words_changed(_plain(getattr(new, name)), _plain(getattr(old, name))))
            for name in PLAIN
            if getattr(old, name) != getattr(new, name)
        ]
        if old.section_id != new.section_id:
            now, then = (titles.get(each.section_id, "a section that is gone") for each in (new, old))
            changes.append(("section", words_changed(now, then)))
        yield Entry(new.pgh_created_at, _who(new, names), "Changed", changes)


def _plain(value: Any) -> str:
    return "" if value is None else str(value)


def _text(old: str, new: str) -> tuple[str, SafeString]:
    return "text", compared(old, new)


def _citation_entries(states: list[Any], names: dict[int, str]) -> Iterator[Entry]:
    keys = dict(Source.objects.filter(pk__in={each.source_id for each in states}).values_list("pk", "key"))
    before: dict[int, str] = {}
    words = {"insert": "Citation added", "update": "Citation changed", "delete": "Citation removed"}
    for each in states:
        source, day = keys.get(each.source_id, "a source that is gone"), str(each.checked_on or "")
        told = " ".join(filter(None, [source, each.stance, each.locator, day]))
        told += "" if each.checked else " (to be verified)"
        old, new = before.get(each.id, ""), "" if each.pgh_label == "delete" else told
        shown = words_changed(new, old or ("" if new else told))
        before[each.id] = new
        yield Entry(each.pgh_created_at, _who(each, names), words[each.pgh_label], [("source", shown)])


def _who(state: Any, names: dict[int, str]) -> str:
    return names.get(state.by, "somebody who left") if state.by else "a command"
