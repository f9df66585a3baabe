"""A statement as readers will see it, from what is typed and not yet saved, and what readers would miss."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from conditions.models import Citation, Population, Source, Statement
from conditions.shown import Footnote, ShownStatement, decision

# What an editor may type that readers do not get as meant, and what they get instead.
UNFIT = [
    (r"<(?!https?://)[a-z/!][^>]*>?", "HTML is shown as it is typed."),
    (r"^ {0,3}#{1,6}(\s|$)", "A heading is shown with its signs: headings belong to sections."),
    (r"!\[", "A picture is not shown."),
    (r"(?<!!)\[[^\]]*\]\(\s*(?!https?://)", "A link that is not http or https is not followed."),
    (r"^\s*\|.*\|", "A table is shown as it is typed."),
    (r"^(\s*[-+*]\s+){4}|^\s{12,}[-+*]\s", "A list this deep in lists may not be shown in full."),
    (r"`", "Code signs are shown as they are typed."),
    ("[\u202a-\u202e\u2066-\u2069]", "A sign that turns the direction of writing stands here unseen."),
]


@dataclass(frozen=True)
class Problem:
    """What does not come through, and in which line of the text, from 1; 0 for the whole."""

    line: int
    sentence: str


@dataclass(frozen=True)
class Cited:
    """A source under the preview by its number there."""

    number: int
    source: Source
    locator: str


@dataclass(frozen=True)
class Preview:
    """What the page shows beside the form."""

    statement: ShownStatement
    sources: list[Cited]
    problems: list[Problem]


def of_statement(form: Any, formsets: Iterable[Any]) -> Preview:
    """The statement as typed, whether or not it could be saved. Queries: the sources'."""
    cited = [row for formset in formsets if formset.model is Citation for row in _typed(formset)]
    notes = [
        Footnote(
            number,
            row.source.key,
            row.source.title,
            row.locator,
            row.stance,
            row.checked and row.source.checked,
            row.checked_on,
        )
        for number, row in enumerate(cited, 1)
    ]
    told = {name: form.data.get(name, "") for name in ("key", "question", "text", "professional", "dissent")}
    day = getattr(form, "cleaned_data", {}).get("decided_on")
    decided = decision(form.data.get("decision", "").strip(), form.data.get("decided_by", "").strip(), day)
    whom = form.data.get("population", "")
    group = "" if whom == Population.ALL else str(dict(Population.choices).get(whom, ""))
    shown = ShownStatement(**told, decision=decided, population=group, footnotes=notes)
    sources = [Cited(number, row.source, row.locator) for number, row in enumerate(cited, 1)]
    beside = [each.sentence for each in problems(told["professional"]) if each.line]
    found = [Problem(0, f"In the professional words: {sentence}") for sentence in dict.fromkeys(beside)]
    return Preview(shown, sources, problems(told["text"], cited=bool(cited)) + found)


def problems(text: str, *, cited: bool = True) -> list[Problem]:
    """What readers would not get as meant, in the order of lines."""
    found = [
        Problem(number, sentence)
        for number, line in enumerate(text.splitlines(), 1)
        for pattern, sentence in UNFIT
        if re.search(pattern, line, re.IGNORECASE)
    ]
    longest = Statement._meta.get_field("text").max_length or 0
    if len(text) > longest:
        found.append(Problem(0, f"The text has {len(text)} characters; {longest} is the most."))
    if not cited:
        found.append(Problem(0, "Nothing is cited yet."))
    return found


def _typed(formset: Any) -> list[Citation]:
    """The citations of a formset that name a source and stay."""
    forms = [form for form in formset.forms if not getattr(form, "cleaned_data", {}).get("DELETE")]
    return [form.instance for form in forms if form.instance.source_id is not None]
