"""The OMS pack says nothing that `clinical-domain.md` 6.3 corrects, and what safety asks for."""

import re
from typing import Any
from urllib.parse import urlsplit

import pytest

from conditions.reading import edition
from tests.conditions.conftest import oms_pack

CONTENT = oms_pack().content
STATEMENTS = {each["key"]: each for section in CONTENT["sections"] for each in section["statements"]}
SENTENCES = [
    sentence
    for each in STATEMENTS.values()
    for wording in (each["text"], each["professional"])
    for sentence in re.split(r"(?<=[.?!])\s+", " ".join(wording.split()))
]
DENIED = re.compile(r"\b(not|no|never|none|wrong|nobody|neither|nor|instead of|cannot)\b", re.I)

ILLNESS = r"(OMS|opsoclonus-myoclonus syndrome( \(OMS\))?)"

# What may never be said, unless the sentence denies it.
WRONG = [
    r"cerebellum (is|forms) (a )?part of the brain ?stem",
    r"(in|only) some cases.{0,30}tumou?r",
    r"muscle relaxants? (help|treat|are used|reduce)",
    r"antihistamines? (help|treat|are used|reduce)",
    r"steroids? (are|is) (used )?in some cases",
    rf"(organophosphates?|mercury) (can |may )?causes? {ILLNESS}",
    rf"{ILLNESS} (can|may) (lead to|cause) death",
    r"muscle weakness is (a|one)",
    r"autonomic (dysfunction|symptoms?) (is|are)",
    r"(uncontrollable|involuntary) (laughing|crying)",
    rf"side effects? of {ILLNESS}",
    r"eye twitching|muscle cramps",
    r"(removing|removal of) the tumou?r (often|usually|mostly)? ?(cures|eradicates|ends|stops)",
    r"\b20 days\b",
    r"80 ?(-|–|to) ?90 ?(%|per ?cent)",
    r"(IVIG|immunoglobulins?) boosts?",
    r"full of rage|lethargic",
    r"antibodies (to|against) the cerebellum (from|made by)",
    r"no (official )?recommendations",
    r"Wilms",
]


@pytest.mark.parametrize("claim", WRONG)
def test_a_wrong_claim_is_not_made(claim: str) -> None:
    made = [words for words in SENTENCES if re.search(claim, words, re.I) and not DENIED.search(words)]
    assert made == []


@pytest.mark.parametrize(
    "words",
    [
        r"tumou?r",
        r"whole body|chest and (the )?(belly|abdomen)|MRI",
        r"immunotherapy",
        r"ACTH",
        r"rituximab",
        r"immunoglobulin|IVIG",
        r"relapse",
        r"licensed",
    ],
)
def test_what_safety_asks_for_is_said(words: str) -> None:
    assert any(re.search(words, sentence, re.I) for sentence in SENTENCES)


def test_about_half_of_the_children_have_a_tumour() -> None:
    assert re.search(r"about half of the children", CONTENT["condition"]["summary"])


def test_every_statement_is_cited_and_every_source_is_used() -> None:
    assert len(STATEMENTS) >= 120
    assert len(CONTENT["sources"]) >= 40
    cited = {cited["source"] for each in STATEMENTS.values() for cited in each["citations"]}
    cited |= {entry["source"] for word in ("codes", "features", "facts") for entry in CONTENT[word]}
    assert all(each["citations"] for each in STATEMENTS.values())
    assert {source["key"] for source in CONTENT["sources"]} - cited == set()


def test_no_statement_gives_a_dose() -> None:
    dose = re.compile(r"\d\s?(mg|g|µg|mcg|IU|\[iU\]|ml|units?)\b(/kg)?", re.I)
    assert [words for words in SENTENCES if dose.search(words)] == []


@pytest.mark.parametrize("source", CONTENT["sources"], ids=lambda source: source["key"])
def test_every_source_can_be_found(source: dict[str, Any]) -> None:
    """An address leads to the work, not to the front page of the site it is on."""
    assert source["doi"] or source["pmid"] or urlsplit(source["url"]).path.strip("/")
    assert re.fullmatch(r"(10\.\d{4,9}/\S+)?", source["doi"])
    assert re.fullmatch(r"\d*", source["pmid"])


def test_nothing_rests_on_an_unchecked_source_as_if_it_were_checked() -> None:
    unsure = {source["key"] for source in CONTENT["sources"] if not source["checked"]}
    cited = [citation for each in STATEMENTS.values() for citation in each["citations"]]
    assert not [citation for citation in cited if citation["source"] in unsure and citation["checked"]]
    assert all(bool(citation["checked_on"]) == citation["checked"] for citation in cited)


def test_who_contradicts_is_told_in_words() -> None:
    contradicted = [
        key
        for key, each in STATEMENTS.items()
        if any(citation["stance"] == "contradicts" for citation in each["citations"])
    ]
    assert contradicted
    assert all(STATEMENTS[key]["dissent"] for key in contradicted)


def test_the_abbreviation_is_written_out_where_it_is_used() -> None:
    short, full = re.compile(r"\bOMS\b"), re.compile(r"opsoclonus-myoclonus syndrome", re.I)
    for whom in ("", "child", "adult"):
        for section in edition(CONTENT, whom).sections:
            words = " ".join(
                [section.title, *(f"{each.question} {each.text}" for each in section.statements)]
            )
            first = short.search(words)
            assert not first or full.search(words[: first.start()]), (whom, section.key)
    for section in CONTENT["sections"]:
        assert not short.search(section["title"]) or full.search(section["title"])
        for each in section["statements"]:
            assert not short.search(each["question"]), "a question is read alone"
            assert not short.search(each["professional"]) or full.search(each["professional"])


def test_what_must_be_said_is_said() -> None:
    assert {each["key"] for each in CONTENT["must_says"]} == {
        *("tumour-search", "immunotherapy", "early-treatment", "adults-differ")
    }
    assert all(each["statements"] for each in CONTENT["must_says"])


def test_care_cards_say_how_soon() -> None:
    cards = [section for section in CONTENT["sections"] if section["kind"] == "care"]
    assert [section["urgency"] for section in cards] == ["emergency", "urgent", "non-urgent"]


ADULT_OUTCOME = re.compile(
    r"Mayo|\b(114|69|45|21|19) adults|slight disability|modified Rankin|breast|lung", re.I
)


def test_no_outcome_of_adults_reaches_a_page_about_children() -> None:
    shown = edition(CONTENT, "child")
    words = [each for section in shown.sections for each in section.statements]
    assert not [each.key for each in words if ADULT_OUTCOME.search(f"{each.text} {each.professional}")]
    assert not [fact for fact in shown.facts if fact.population == "Adults"]
    assert not [each for each in words if each.population == "Adults"]
    assert not [
        each for section in shown.sections for each in section.statements if each.key.startswith("adults-")
    ]
