"""Each guard stops what would otherwise reach readers, and says where it is."""

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from django.test import Client
from pytest_django import Settings

from conditions import guards, loading, publishing, snapshot
from conditions.formats import current
from conditions.models import (
    Citation,
    Code,
    Condition,
    Fact,
    Feature,
    MustSay,
    Name,
    Saying,
    Section,
    Source,
    Statement,
)
from conditions.watch import Watch, identifier, watch
from portal.identity import acting_as
from portal.models import User
from tests.conditions.conftest import OMS, oms_pack
from tests.conditions.test_publishing import refused

SignIn = Callable[[User], Client]
TODAY = Watch(date(2026, 11, 28))


def text(words: str, key: str = "what") -> None:
    Statement.objects.filter(key=key).update(text=words)


def contradict() -> None:
    Citation.objects.filter(statement__key="children", source__key="two").update(stance="contradicts")


def must_say() -> None:
    MustSay.objects.create(condition=Condition.objects.get(), key="search", text="Search in every case.")


def ambiguous() -> None:
    Name.objects.create(condition=Condition.objects.get(), text="SMS", kind="abbreviation", ambiguous=True)
    text("SMS is rare.")


def compared_long_ago() -> None:
    Citation.objects.filter(source__key="one").update(checked=True, checked_on=date(2001, 1, 1))


def elsewhere() -> None:
    """A source that another condition took with it; the admin keeps each where it is."""
    other = Condition.objects.create(slug="other", name="Other", summary="Another one.")
    far = Source.objects.create(condition=other, key="far", kind="review", title="Far", read="part")
    Citation.objects.filter(statement__key="what").update(source=far)


# The guard, what it stops, what it says, which row it is about.
BROKEN: dict[str, tuple[guards.Guard, Callable[[], object], str, tuple[str, str]]] = {
    "no source": (
        guards.uncited,
        lambda: Citation.objects.filter(statement__key="what").delete(),
        "Every statement needs a source. Cite one for what.",
        ("statement", "what"),
    ),
    "mentioned alone": (
        guards.uncited,
        lambda: Citation.objects.filter(statement__key="what").update(stance="mentions"),
        "Cite one for what.",
        ("statement", "what"),
    ),
    "not its own": (guards.astray, elsewhere, "what cites far, which is not a source", ("statement", "what")),
    "must say": (guards.unsaid, must_say, "“Search in every case.”", ("must-say", "search")),
    "contradicted": (guards.contradicted, contradict, "two contradicts children.", ("statement", "children")),
    "no relation": (
        guards.unrelated,
        lambda: Code.objects.filter(code="9999").update(relation=""),
        "Say of the code ORPHA 9999",
        ("code", "ORPHA 9999"),
    ),
    "ambiguous": (guards.unexpanded, ambiguous, "SMS means other things too.", ("statement", "what")),
    "dose": (guards.dosed, lambda: text("Take 5 **mg** of it."), "“5 mg”", ("statement", "what")),
    "heading": (
        guards.misheaded,
        lambda: text("Rare.\n\n### More"),
        "a heading typed",
        ("statement", "what"),
    ),
    "no words": (
        guards.wordless,
        lambda: text("![](https://example.org/eye.png)"),
        "a picture or a link without words",
        ("statement", "what"),
    ),
    "old": (guards.outdated, compared_long_ago, "last compared on 1 January 2001", ("source", "one")),
}


@pytest.mark.parametrize("word", BROKEN)
def test_nothing_passes_that_a_guard_finds(
    word: str, small: Condition, editor: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the guard it is refused; with every guard but this one it would be submitted."""
    guard, spoil, sentence, (noun, key) = BROKEN[word]
    spoil()
    with acting_as(editor):
        assert sentence in refused(publishing.submit, editor, small, reason="First.")
    found = guards.hindrances(snapshot.take(small), watch())
    assert [(each.noun, each.key) for each in found] == [(noun, key)]
    monkeypatch.setattr(guards, "GATES", tuple(each for each in guards.GATES if each is not guard))
    with acting_as(editor):
        assert publishing.submit(editor, small, reason="First.").state == "submitted"


def test_a_contradiction_is_settled_by_a_decision_or_by_telling_readers(
    small: Condition, editor: User
) -> None:
    contradict()
    found = [str(each) for each in guards.contradicted(snapshot.take(small), TODAY)]
    assert "or write who decided for this text, when and why." in found[0]
    decided = {"decision": "One counted more people.", "decided_by": "The board"}
    Statement.objects.filter(key="children").update(**decided, decided_on=date(2026, 2, 1))
    assert not list(guards.contradicted(snapshot.take(small), TODAY))
    with acting_as(editor):
        assert publishing.submit(editor, small, reason="Decided.").state == "submitted"
    Statement.objects.filter(key="children").update(decision="Take 5 mg of it.")
    assert [each.key for each in guards.dosed(snapshot.take(small), TODAY)] == ["children"]


@pytest.mark.parametrize("word", ["retracted", "old", "no list"])
def test_what_comes_to_light_after_approval_stops_publication(
    word: str,
    small: Condition,
    editor: User,
    reviewer: User,
    settings: Settings,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    Source.objects.filter(key="one").update(doi="10.1234/One")
    Citation.objects.filter(source__key="one").update(checked=True, checked_on=date(2026, 1, 1))
    with acting_as(editor):
        waiting = publishing.submit(editor, small, reason="First.")
    with acting_as(reviewer):
        approved = publishing.approve(reviewer, waiting, interests="None.")
    sentence = spoil_the_watch(word, settings, tmp_path, monkeypatch)
    with acting_as(editor):
        assert sentence in refused(publishing.publish, editor, approved)
        monkeypatch.setattr(guards, "GATES", ())
        assert publishing.publish(editor, approved).state == "published"


def spoil_the_watch(word: str, settings: Settings, folder: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    if word == "old":
        monkeypatch.setattr(publishing, "watch", lambda: Watch(date(2029, 1, 2)))
        return "last compared on 1 January 2026"
    listed = folder / "retracted.txt"
    settings.RETRACTED_FILE = str(listed)
    if word == "no list":
        return "The list that RETRACTED_FILE names cannot be read."
    listed.write_text("# since March\nhttps://doi.org/10.1234/ONE\n\n")
    return "The source one was retracted."


def test_the_shipped_pack_passes_every_guard(db: None) -> None:
    loading.load(oms_pack())
    content = snapshot.take(Condition.objects.get(slug=OMS.name))
    assert list(map(str, guards.hindrances(content, watch()))) == []


def test_a_release_of_an_older_form_is_read_as_it_is_meant(small: Condition) -> None:
    """It says nothing of stances or ambiguity, which is not what a guard looks for."""
    content = snapshot.take(small)
    older = {word: content[word] for word in ("condition", "names", "codes", "features", "sources")}
    sections = [{word: each[word] for word in ("key", "title")} for each in content["sections"]]
    for section, full in zip(sections, content["sections"], strict=True):
        section["statements"] = [as_it_was(each) for each in full["statements"]]
    found = guards.hindrances(current({**older, "format": 1, "sections": sections}), TODAY)
    assert found == []


def as_it_was(statement: dict) -> dict:
    cited = [
        {word: each[word] for word in ("source", "locator", "checked")} for each in statement["citations"]
    ]
    return {
        **{word: statement[word] for word in ("key", "population", "question", "text")},
        "citations": cited,
    }


@pytest.mark.parametrize(
    "words",
    [
        *(
            "Give 5 mg.",
            "0.5mg/kg a day",
            "Give 5\u00a0mg.",
            "5\u200b mg",
            "５ mg",
            "100 [iU]",
            "2 g/kg of it",
        ),
        *("10 µg", "10 micrograms", "two tablets a day", "half a tablet", "- 1,000 IU", "20 ml of syrup"),
        *(
            "1 g a day",
            "0.4 g per kg",
            "75 units/m2",
            "150 U/m2",
            "40 units of ACTH",
            "five milligrams",
            "10 drops",
        ),
    ],
)
def test_doses_are_found(small: Condition, words: str) -> None:
    text(words)
    assert [each.key for each in guards.dosed(snapshot.take(small), TODAY)] == ["what"]


@pytest.mark.parametrize(
    "words",
    [
        *(
            "51 children",
            "0.18 new cases a year",
            "between 1 and 3 years",
            "Sugar was 40 mg/dl.",
            "5 mg per litre",
        ),
        *("two thirds", "A dose is not given here.", "half of them", "114 adults in 3 units", "12 g/dL"),
    ],
)
def test_figures_are_no_doses(small: Condition, words: str) -> None:
    text(words)
    assert list(guards.dosed(snapshot.take(small), TODAY)) == []


def test_a_dose_hides_nowhere(small: Condition) -> None:
    source = small.sources.get(key="one")
    Fact.objects.create(
        condition=small,
        key="much",
        measure="other",
        about="A",
        value="2",
        unit="mg/kg",
        source=source,
        reason="r",
    )
    Condition.objects.update(summary="Take 3 mg.")
    Section.objects.filter(key="overview").update(title="Take 7 mg")
    Feature.objects.update(lay="8 mg")
    Statement.objects.filter(key="adults").update(professional="4 mg", question="5 mg?", dissent="6 mg")
    found = [each.key for each in guards.dosed(snapshot.take(Condition.objects.get()), TODAY)]
    assert found == ["the summary", "adults", "adults", "adults", "overview", "Myoclonus", "much"]


class TestAmbiguous:
    @pytest.fixture(autouse=True)
    def short(self, small: Condition) -> None:
        Name.objects.create(condition=small, text="SMS", kind="abbreviation", ambiguous=True)

    def found(self) -> list[str]:
        return [each.key for each in guards.unexpanded(snapshot.take(Condition.objects.get()), TODAY)]

    def test_written_out_once_for_every_reader(self) -> None:
        text("Small syndrome, or SMS, is rare.")
        text("SMS in adults.", "adults")
        assert self.found() == []

    def test_written_out_for_children_alone(self) -> None:
        text("Small syndrome, or SMS, is rare.", "children")
        text("SMS in adults.", "adults")
        assert self.found() == ["adults"]

    def test_part_of_a_word_is_not_it(self) -> None:
        text("SMSs and ASMS.")
        assert self.found() == []


class TestSaid:
    def test_by_a_statement(self, small: Condition) -> None:
        must = MustSay.objects.create(condition=small, key="search", text="Search.")
        Saying.objects.create(must_say=must, statement=Statement.objects.get(key="what"))
        assert list(guards.unsaid(snapshot.take(small), TODAY)) == []
        Statement.objects.get(key="what").delete()
        assert [each.key for each in guards.unsaid(snapshot.take(small), TODAY)] == ["search"]

    def test_that_sources_differ(self, small: Condition) -> None:
        contradict()
        Statement.objects.filter(key="children").update(dissent="Second work counts otherwise.")
        assert list(guards.contradicted(snapshot.take(small), TODAY)) == []

    def test_a_source_against_it_alone_bears_nothing_out(self, small: Condition) -> None:
        Citation.objects.filter(statement__key="what").update(stance="contradicts")
        assert [each.key for each in guards.uncited(snapshot.take(small), TODAY)] == ["what"]


def test_advice_refuses_nothing(small: Condition, editor: User, settings: Settings, tmp_path: Path) -> None:
    listed = tmp_path / "dead.txt"
    listed.write_text("https://example.org/one\n")
    settings.DEAD_LINKS_FILE = str(listed)
    text("word " * 31, "adults")
    said = list(map(str, guards.advice(snapshot.take(small), watch())))
    assert said == [
        "one links to https://example.org/one, which led nowhere at the last check.",
        "adults has a sentence of 31 words.",
    ]
    with acting_as(editor):
        assert publishing.submit(editor, small, reason="First.").state == "submitted"


@pytest.mark.parametrize(
    "written", ["10.1/A", "doi:10.1/a", "https://doi.org/10.1/a", " DOI: 10.1/A ", "10.1/a/"]
)
def test_identifiers_are_compared_bare(written: str) -> None:
    assert identifier(written) == "10.1/a"


def test_the_admin_lists_them_with_links(
    sign_in: SignIn, small: Condition, editor: User, reviewer: User
) -> None:
    with acting_as(editor):
        waiting = publishing.submit(editor, small, reason="First.")
        text("Take 5 mg.")
    statement = Statement.objects.get(key="what")
    link = f'<a href="/admin/conditions/statement/{statement.pk}/change/">'
    shown = sign_in(editor).get(f"/admin/conditions/condition/{small.pk}/submit/").content.decode()
    assert link in shown
    assert "gives a dose" in shown
    assert (
        "gives a dose"
        not in sign_in(reviewer).get(f"/admin/conditions/release/{waiting.pk}/change/").content.decode()
    )
