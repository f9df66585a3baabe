"""What changed is told whatever changed: words, codes, names, figures, cards, must-says, citations."""

import re
from collections.abc import Callable

import pytest
from django.test import Client

from conditions import publishing, snapshot
from conditions.difference import NOUNS, difference
from conditions.models import (
    Citation,
    Code,
    Condition,
    Fact,
    MustSay,
    Name,
    Organisation,
    Release,
    Section,
    Source,
    Statement,
)
from portal.identity import acting_as
from portal.models import User

# What an editor does, and the line that tells it: (noun, key, field, old, new).
ACTS: list[tuple[Callable[[Condition], object], tuple[str, str, str, str, str]]] = [
    (
        lambda condition: Statement.objects.filter(key="fits").update(professional="Coma."),
        ("statement", "fits", "professional", "Reduced consciousness.", "Coma."),
    ),
    (
        lambda condition: Statement.objects.filter(key="fits").update(dissent=""),
        ("statement", "fits", "dissent", "The second work would wait.", ""),
    ),
    (
        lambda condition: Citation.objects.filter(stance="contradicts").update(stance="mentions"),
        ("citation", "fits two", "stance", "contradicts", "mentions"),
    ),
    (
        lambda condition: Citation.objects.filter(locator="page 2").update(checked_on="2026-02-01"),
        ("citation", "fits one", "checked_on", "2026-01-30", "2026-02-01"),
    ),
    (
        lambda condition: Section.objects.filter(key="act").update(urgency="urgent"),
        ("section", "act", "urgency", "emergency", "urgent"),
    ),
    (
        lambda condition: Section.objects.filter(key="overview").update(kind="questions"),
        ("section", "overview", "kind", "text", "questions"),
    ),
    (
        lambda condition: Fact.objects.filter(key="incidence-here").update(value="0.19"),
        ("fact", "incidence-here", "value", "0.18", "0.19"),
    ),
    (
        lambda condition: Fact.objects.filter(key="incidence-here").update(displayed=False),
        ("fact", "incidence-here", "displayed", "yes", "no"),
    ),
    (
        lambda condition: MustSay.objects.get(key="search").sayings.last().delete(),
        ("must-say", "search", "said by", "children, what", "what"),
    ),
    (
        lambda condition: Organisation.objects.filter(key="group").update(checked_on=None),
        ("organisation", "group", "checked_on", "2026-01-31", ""),
    ),
    (
        lambda condition: Name.objects.update(ambiguous=False),
        ("name", "Tiny eyes disease", "ambiguous", "yes", "no"),
    ),
    (
        lambda condition: Code.objects.filter(system="ORPHA").update(relation="broader"),
        ("code", "ORPHA 9999", "relation", "exact", "broader"),
    ),
    (
        lambda condition: Source.objects.filter(key="one").update(doi="10.1000/1"),
        ("source", "one", "doi", "", "10.1000/1"),
    ),
    (
        lambda condition: Condition.objects.update(review_months=24),
        ("condition", "itself", "review_months", "6", "24"),
    ),
]


@pytest.mark.parametrize(("act", "told"), ACTS, ids=[" ".join(told[:3]) for _, told in ACTS])
def test_a_change_is_told_as_the_one_line_it_is(
    full: Condition, act: Callable[[Condition], object], told: tuple[str, ...]
) -> None:
    before = snapshot.take(full)
    act(full)
    full.refresh_from_db()
    (change,) = difference(before, snapshot.take(full))
    assert (change.noun, change.key, change.field, change.old, change.new) == told


def test_what_is_new_is_told_whole(full: Condition) -> None:
    changes = {(change.noun, change.key): change.new for change in difference(None, snapshot.take(full))}
    assert changes["statement", "fits"] == (
        "Somebody does not wake. · decided_by: The board of Erewhon · decided_on: 2026-02-01"
        " · decision: The first work counted more people. · dissent: The second work would wait."
        " · professional: Reduced consciousness. · section: act"
    )
    assert "population: adult" in changes["statement", "adults"]
    assert "summary: A made-up illness for tests." in changes["condition", "itself"]
    assert "relation: exact" in changes["code", "ORPHA 9999"]
    assert "lay: Jerks" in changes["feature", "HP:0001336 child"]
    assert "url: https://example.org/one" in changes["source", "one"]
    assert (
        changes["citation", "fits one"] == "one · checked_on: 2026-01-30 · locator: page 2 · stance: supports"
    )
    assert changes["fact", "incidence-here"] == (
        "0.18 (0.1 to 0.20) per million people · about: New cases a year · measure: incidence"
        " · period: 2003 to 2005 · place: Here · reason: The only count of a whole country. · source: one"
    )
    assert changes["must-say", "search"] == "Everybody is searched for a tumour. · said by: children, what"
    assert changes["section", "act"] == "Call now · kind: care · urgency: emergency"
    assert changes["organisation", "group"] == (
        "The Group · checked_on: 2026-01-31 · country: Nowhere · kind: patients · url: https://example.org/group"
    )
    assert {noun for noun, _ in changes} <= set(NOUNS)


def test_readers_and_reviewers_read_the_same_lines(
    client: Client,
    sign_in: Callable[[User], Client],
    full: Condition,
    publish: Callable[..., Release],
    editor: User,
    reviewer: User,
) -> None:
    publish(full)
    with acting_as(editor):
        Fact.objects.filter(key="incidence-here").update(value="0.19")
        Citation.objects.filter(stance="contradicts").update(stance="mentions")
        waiting = publishing.submit(editor, full, reason="A better figure.")
    admin_page = sign_in(reviewer).get(f"/admin/conditions/release/{waiting.pk}/change/").content.decode()
    with acting_as(reviewer):
        publishing.publish(reviewer, publishing.approve(reviewer, waiting, interests="None."))
    for page in (admin_page, client.get(f"/conditions/{full.slug}/changes/").content.decode()):
        words = re.sub(r"\s+", " ", page)
        assert "Fact incidence-here: changed (value)" in words
        assert "<del>0.18</del><ins>0.19</ins>" in words
        assert "Citation fits two: changed (stance)" in words
        assert "<del>contradicts</del><ins>mentions</ins>" in words
