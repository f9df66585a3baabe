"""A release and a draft export as a pack that loads again with the same digest."""

import copy
from collections.abc import Callable
from datetime import date
from io import StringIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from conditions import loading, pack, packing, snapshot
from conditions.formats import DEFAULTS
from conditions.marked import UNSTORABLE
from conditions.models import Condition, Release, Statement
from portal.identity import acting_as
from portal.models import User
from tests.conditions.conftest import OMS

# What YAML reads as line breaks or not at all is among it, and so is what looks like YAML.
ODD = "ab .\n\t:#-'\"|>&*!%@`{}[]\\\x85\u2028"
LIKE_YAML = ["yes", "null", "~", "1e3", "0o7", "2026-01-31", "- a", "#", "a: b", "---", "="]


def texts(most: int) -> st.SearchStrategy[str]:
    either = st.one_of(st.text(max_size=most), st.text(ODD, max_size=most), st.sampled_from(LIKE_YAML))
    return either.filter(lambda text: not UNSTORABLE.search(text))


written, long = texts(20), texts(250).filter(bool)
filled = written.filter(bool)
slugs = st.text("abc1", min_size=1, max_size=8)
day = st.none() | st.dates(max_value=date(2026, 1, 1)).map(str)
population = st.sampled_from(["all", "child", "adult"])
number = st.integers(0, 10**6).map(str) | st.decimals(0, 99, places=2).map(str)


def made(**fields: Any) -> st.SearchStrategy[Any]:
    return st.fixed_dictionaries(fields)


def listed(each: st.SearchStrategy[Any], *key: str, most: int = 3) -> st.SearchStrategy[Any]:
    return st.lists(each, max_size=most, unique_by=lambda entry: tuple(entry[word] for word in key))


@st.composite
def contents(draw: st.DrawFn) -> Any:
    """Any content that the rules of a pack allow."""
    source = made(
        **dict.fromkeys(("authors", "published_in", "doi", "pmid", "note"), written),
        key=slugs,
        kind=st.sampled_from(["review", "trial"]),
        title=filled,
        year=st.none() | st.integers(1900, 2100),
        url=st.sampled_from(["", "https://example.org/?a=b#c"]),
        read=st.sampled_from(["part", "whole"]),
        checked=st.booleans(),
    )
    sources = draw(st.lists(source, min_size=1, max_size=3, unique_by=lambda each: each["key"]))
    cites = st.sampled_from([each["key"] for each in sources])
    stance = st.sampled_from(["supports", "contradicts", "mentions"])
    citation = made(source=cites, locator=written, stance=stance, checked=st.just(True), checked_on=day)
    why = filled.map(lambda text: f"x{text}")
    decided = st.sampled_from(
        [
            {"decision": st.just(""), "decided_by": st.just(""), "decided_on": st.none()},
            {"decision": why, "decided_by": why, "decided_on": st.dates(max_value=date(2026, 1, 1)).map(str)},
        ]
    )
    statement = made(
        key=slugs,
        population=population,
        question=written,
        text=long,
        professional=long | st.just(""),
        dissent=written,
        **draw(decided),
        citations=st.lists(citation, min_size=1, max_size=2, unique_by=lambda each: each["source"]),
    )
    statements = draw(listed(statement, "key", most=5))
    cut = draw(st.integers(0, len(statements)))
    said = st.lists(st.sampled_from([each["key"] for each in statements]), unique=True)
    fact = made(
        **dict.fromkeys(("unit", "denominator", "place", "period"), written),
        key=slugs,
        measure=st.sampled_from(["incidence", "onset"]),
        about=filled,
        value=number,
        low=st.just(""),
        high=number | st.just(""),
        population=population,
        source=cites,
        checked=st.booleans(),
        displayed=st.just(False),
        reason=filled,
    )
    kinds = st.sampled_from([("text", ""), ("care", "urgent"), ("care", "non-urgent"), ("myths", "")])
    looks = [draw(kinds), draw(kinds)]
    return {
        "format": snapshot.FORMAT,
        "condition": {
            "slug": "made-up",
            "name": draw(filled),
            "short_name": draw(written),
            "summary": draw(long),
            "review_months": draw(st.integers(1, 60)),
        },
        "names": draw(
            listed(made(text=filled, kind=st.just("lay"), note=written, ambiguous=st.booleans()), "text")
        ),
        "codes": draw(
            listed(
                made(
                    system=filled,
                    code=filled,
                    display=written,
                    relation=st.just("exact"),
                    checked=st.booleans(),
                    note=written,
                    source=cites,
                ),
                *("system", "code"),
            )
        ),
        "features": draw(
            listed(
                made(
                    hpo=st.integers(0, 9).map("HP:000000{}".format),
                    name=filled,
                    lay=filled,
                    frequency=st.sampled_from(["", "frequent"]),
                    population=population,
                    source=cites,
                ),
                *("hpo", "population"),
            )
        ),
        "facts": draw(listed(fact, "key")),
        "must_says": draw(
            listed(made(key=slugs, text=filled, statements=said if statements else st.just([])), "key")
        ),
        "organisations": draw(
            listed(
                made(
                    key=slugs,
                    kind=st.just("centre"),
                    name=filled,
                    country=filled,
                    url=st.sampled_from(["", "https://example.org/"]),
                    note=written,
                    checked_on=day,
                ),
                "key",
            )
        ),
        "sources": sources,
        "sections": [
            {"key": key, "title": draw(filled), "kind": kind, "urgency": urgency, "statements": part}
            for key, (kind, urgency), part in zip(
                ("first", "second"), looks, (statements[:cut], statements[cut:]), strict=True
            )
        ],
    }


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(contents())
def test_any_content_reads_back_the_same(content: Any) -> None:
    before = copy.deepcopy(content)
    with TemporaryDirectory() as folder:
        read = packing.write(content, Path(folder)).content
    assert snapshot.digest(read) == snapshot.digest(content)
    assert snapshot.canonical(read) == snapshot.canonical(content)
    assert content == before


@pytest.mark.django_db
@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(contents())
def test_any_content_goes_through_the_database_and_back(content: Any) -> None:
    with TemporaryDirectory() as folder:
        loading.load(packing.write(content, Path(folder) / "in"))
        rows = snapshot.take(Condition.objects.get(slug="made-up"))
        assert snapshot.digest(rows) == snapshot.digest(content)
        packing.write(rows, Path(folder) / "out")
        assert loading.load(pack.read(Path(folder) / "out")) == []


def export(*arguments: str) -> str:
    out = StringIO()
    call_command("export_pack", *arguments, stdout=out)
    return out.getvalue()


@pytest.mark.django_db
def test_the_oms_pack_exports_as_it_was_loaded(tmp_path: Path) -> None:
    call_command("load_pack", str(OMS), stdout=StringIO())
    said = export(OMS.name, str(tmp_path / "out"), "--draft")
    assert snapshot.digest(pack.read(OMS).content) in said
    for shipped in sorted(OMS.rglob("*.yaml")):
        made_again = tmp_path / "out" / shipped.relative_to(OMS)
        assert made_again.read_text() == shipped.read_text(), shipped.name


def test_a_release_exports_and_loads_with_its_digest(
    tmp_path: Path, full: Condition, publish: Callable[..., Release], editor: User
) -> None:
    release = publish(full)
    with acting_as(editor):
        Statement.objects.filter(key="what").update(text="A later draft.")
    assert release.digest in export(full.slug, str(tmp_path / "latest"))
    assert release.digest in export(full.slug, str(tmp_path / "first"), "--release", "1")
    assert release.digest not in export(full.slug, str(tmp_path / "draft"), "--draft")
    assert loading.load(pack.read(tmp_path / "latest")) == ["changed statement what: text"]
    assert snapshot.digest(snapshot.take(full)) == release.digest


@pytest.mark.parametrize("options", [[], ["--release", "7"]])
def test_what_is_not_published_is_not_exported(full: Condition, tmp_path: Path, options: list[str]) -> None:
    with pytest.raises(CommandError, match="no such published release"):
        export(full.slug, str(tmp_path / "x"), *options)


@pytest.mark.django_db
def test_an_unknown_condition_is_told(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="no condition “nowhere”"):
        export("nowhere", str(tmp_path / "x"), "--draft")


def test_nothing_is_written_over(full: Condition, tmp_path: Path) -> None:
    (tmp_path / "note.txt").write_text("mine")
    with pytest.raises(CommandError, match="is not empty"):
        export(full.slug, str(tmp_path), "--draft")


def test_what_a_pack_may_not_hold_is_told(full: Condition, tmp_path: Path) -> None:
    Statement.objects.filter(key="what").update(text="A bell \x07.")
    with pytest.raises(CommandError, match="breaks rules of a pack"):
        call_command("export_pack", full.slug, str(tmp_path / "x"), "--draft", stderr=StringIO())


def test_every_kind_of_entry_has_its_defaults() -> None:
    assert set(packing.LISTS.values()) < set(DEFAULTS)
