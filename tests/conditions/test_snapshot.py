"""A snapshot does not depend on the rows' order, and a difference says what differs."""

import copy
import random
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pytest_django import DjangoAssertNumQueries

from conditions import snapshot
from conditions.difference import Change, difference
from conditions.models import Condition, Section, Statement
from conditions.snapshot import Snapshot

words = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=5)
keys = st.text("abcdefgh-", min_size=1, max_size=6)
population = st.sampled_from(["all", "child", "adult"])

# Every generated condition is a small document; Hypothesis would call that slow.
thorough = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def entries(**fields: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries(fields)


@st.composite
def snapshots(draw: st.DrawFn) -> Snapshot:
    sources = draw(
        st.lists(
            entries(
                key=keys,
                kind=words,
                title=words,
                year=st.none() | st.integers(1900, 2100),
                checked=st.booleans(),
            ),
            min_size=1,
            max_size=4,
            unique_by=lambda each: each["key"],
        )
    )
    source = st.sampled_from([each["key"] for each in sources])
    day = st.none() | st.dates().map(str)
    cited = entries(source=source, locator=words, stance=words, checked=st.booleans(), checked_on=day)
    statement = entries(
        key=keys,
        population=population,
        question=words,
        text=words,
        professional=words,
        dissent=words,
        citations=st.lists(cited, max_size=3, unique_by=lambda each: each["source"]),
    )
    statements = draw(st.lists(statement, max_size=6, unique_by=lambda each: each["key"]))
    cut = draw(st.integers(0, len(statements)))
    code = entries(
        system=keys,
        code=keys,
        display=words,
        relation=words,
        checked=st.booleans(),
        note=words,
        source=source,
    )
    figures = ("value", "low", "high", "unit", "denominator", "place", "period", "reason")
    fact = entries(
        key=keys,
        measure=words,
        about=words,
        **dict.fromkeys(figures, words),
        population=population,
        checked=st.booleans(),
        displayed=st.booleans(),
        source=source,
    )
    named = [each["key"] for each in statements]
    said = st.lists(st.sampled_from(named), unique=True) if named else st.just([])
    must_say = entries(key=keys, text=words, statements=said)
    organisation = entries(
        key=keys, kind=words, name=words, country=words, url=words, note=words, checked_on=day
    )
    looks = entries(kind=words, urgency=words)
    return {
        "format": 2,
        "condition": {
            "slug": "x",
            "name": draw(words),
            "short_name": "",
            "summary": draw(words),
            "review_months": draw(st.integers(1, 60)),
        },
        "names": draw(
            st.lists(
                entries(text=words, kind=words, note=words, ambiguous=st.booleans()),
                unique_by=lambda each: each["text"],
            )
        ),
        "codes": draw(st.lists(code, max_size=4, unique_by=lambda each: (each["system"], each["code"]))),
        "features": draw(
            st.lists(
                entries(
                    hpo=keys, name=words, lay=words, frequency=words, population=population, source=source
                ),
                max_size=4,
                unique_by=lambda each: (each["hpo"], each["population"]),
            )
        ),
        "facts": draw(st.lists(fact, max_size=3, unique_by=lambda each: each["key"])),
        "must_says": draw(st.lists(must_say, max_size=2, unique_by=lambda each: each["key"])),
        "organisations": draw(st.lists(organisation, max_size=2, unique_by=lambda each: each["key"])),
        "sources": sources,
        "sections": [
            {"key": "first", "title": draw(words), **draw(looks), "statements": statements[:cut]},
            {"key": "second", "title": draw(words), **draw(looks), "statements": statements[cut:]},
        ],
    }


def shuffled(content: Snapshot, seed: int) -> Snapshot:
    """The same content with every list whose order says nothing in another order."""
    other, chance = copy.deepcopy(content), random.Random(seed)
    for word in ("names", "codes", "features", "facts", "must_says", "organisations", "sources"):
        chance.shuffle(other[word])  # type: ignore[literal-required]
    for each in other["must_says"]:
        chance.shuffle(each["statements"])
    for section in other["sections"]:
        for statement in section["statements"]:
            chance.shuffle(statement["citations"])
    return other


@thorough
@given(snapshots(), st.integers())
def test_equal_content_has_an_equal_digest(content: Snapshot, seed: int) -> None:
    other = shuffled(content, seed)
    assert snapshot.digest(content) == snapshot.digest(other)
    assert difference(content, other) == []


@thorough
@given(snapshots(), snapshots())
def test_a_difference_is_empty_exactly_when_the_digests_agree(old: Snapshot, new: Snapshot) -> None:
    same = snapshot.digest(old) == snapshot.digest(new)
    assert (difference(old, new) == []) == same


@thorough
@given(snapshots(), snapshots())
def test_a_difference_backwards_swaps_old_and_new(old: Snapshot, new: Snapshot) -> None:
    there, back = difference(old, new), difference(new, old)
    swapped = {"added": "removed", "removed": "added", "changed": "changed"}
    assert {(c.noun, c.key, c.field, c.kind, c.old, c.new) for c in there} == {
        (c.noun, c.key, c.field, swapped[c.kind], c.new, c.old) for c in back
    }


def test_a_change_of_words_is_told_with_both(small: Condition) -> None:
    before = snapshot.take(small)
    Statement.objects.filter(key="what").update(text="It is very rare.")
    after = snapshot.take(small)
    assert difference(before, after) == [
        Change("changed", "statement", "what", "text", "It is *rare*.", "It is very rare.")
    ]


def test_order_matters_where_readers_see_it(small: Condition) -> None:
    before = snapshot.take(small)
    Statement.objects.filter(key="what").update(position=9)
    (change,) = difference(before, snapshot.take(small))
    assert (change.noun, change.new) == ("order", "children, adults, what")
    assert snapshot.digest(before) != snapshot.digest(snapshot.take(small))


def test_without_an_old_one_everything_is_added(small: Condition) -> None:
    changes = difference(None, snapshot.take(small))
    assert {change.kind for change in changes} == {"added"}
    assert str(changes[0]) == "statement what added"
    assert changes[0].new == "It is *rare*. · section: overview"
    assert str(Change("changed", "source", "one", "title", "a", "b")) == "source one changed: title"


def test_the_number_of_queries_is_the_same_for_many_rows(
    full: Condition, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_num_queries(11):
        snapshot.take(full)
    for number in range(20):
        section = Section.objects.create(condition=full, key=f"s{number}", title="S", position=number)
        Statement.objects.create(section=section, key=f"k{number}", text="T")
    with django_assert_num_queries(11):
        assert len(snapshot.take(full)["sections"]) == 22


def test_the_database_gives_back_what_was_digested(small: Condition, publish: Callable[..., Any]) -> None:
    Statement.objects.filter(key="what").update(text="Ünïcödé ∞ 患者 \u2028 1e3 “quoted” \\ /")
    release = publish(small)
    release.refresh_from_db()
    assert snapshot.digest(release.snapshot) == release.digest


@pytest.mark.parametrize("value", ["1.0", "1e400", "-0"])
def test_numbers_in_texts_stay_texts(small: Condition, value: str) -> None:
    Statement.objects.filter(key="what").update(text=value)
    assert snapshot.take(small)["sections"][0]["statements"][0]["text"] == value
