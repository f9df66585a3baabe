"""The OMS pack says nothing that `clinical-domain.md` 6.3 corrects, and what safety asks for."""

import re

import pytest

from conditions import pack
from tests.conditions.conftest import OMS

CONTENT = pack.read(OMS).content
STATEMENTS = {each["key"]: each for section in CONTENT["sections"] for each in section["statements"]}
SENTENCES = [
    sentence
    for each in STATEMENTS.values()
    for sentence in re.split(r"(?<=[.?!])\s+", " ".join(each["text"].split()))
]
DENIED = re.compile(r"\b(not|no|never|none|wrong|nobody|neither|nor|instead of|cannot)\b", re.I)

# What may never be said, unless the sentence denies it.
WRONG = [
    r"cerebellum (is|forms) (a )?part of the brain ?stem",
    r"(in|only) some cases.{0,30}tumou?r",
    r"muscle relaxants? (help|treat|are used|reduce)",
    r"antihistamines? (help|treat|are used|reduce)",
    r"steroids? (are|is) (used )?in some cases",
    r"(organophosphates?|mercury) (can |may )?causes? OMS",
    r"OMS (can|may) (lead to|cause) death",
    r"muscle weakness is (a|one)",
    r"autonomic (dysfunction|symptoms?) (is|are)",
    r"(uncontrollable|involuntary) (laughing|crying)",
    r"side effects? of OMS",
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
    assert len(STATEMENTS) >= 60
    cited = {cited["source"] for each in STATEMENTS.values() for cited in each["citations"]}
    cited |= {entry["source"] for entry in (*CONTENT["codes"], *CONTENT["features"])}
    assert all(each["citations"] for each in STATEMENTS.values())
    assert {source["key"] for source in CONTENT["sources"]} - cited == set()


def test_no_statement_gives_a_dose() -> None:
    dose = re.compile(r"\d\s?(mg|g|µg|mcg|IU|\[iU\]|ml|units?)\b(/kg)?", re.I)
    assert [words for words in SENTENCES if dose.search(words)] == []
