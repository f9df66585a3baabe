"""A condition is found by what people call it, spelt as people spell, and by its codes."""

import re
from collections.abc import Callable

import pytest
from django.db import DatabaseError, connection, transaction
from django.test import Client

from conditions import loading, publishing, search
from conditions.models import Condition, Release, Statement
from portal.identity import acting_as
from portal.models import User
from tests.conditions.conftest import OMS, oms_pack


@pytest.fixture
def both(small: Condition, publish: Callable[..., Release]) -> None:
    """The small condition and OMS, both published."""
    publish(small)
    loading.load(oms_pack())
    publish(Condition.objects.get(slug=OMS.name))


@pytest.mark.parametrize(
    "query",
    [
        "Opsoclonus-myoclonus syndrome",
        "opsoclonus myoclonus",
        "OPSOCLONUS",
        "opsoclonis mioclonus",
        "opsoclonus-mioklonus",
        "dancing eyes",
        "dancing eye",
        "danccing eyes syndrom",
        "Kinsbourne",
        "kinsborne",
        "Kinsbourné",
        "OMS",
        "oms",
        "poma",
        "dancing eyes syndrome in a toddler",
    ],
)
def test_oms_is_found(both: None, query: str) -> None:
    assert [each.slug for each in search.find(query)] == [OMS.name]


@pytest.mark.parametrize("query", ["", "  ", "!?", "diabetes", "measles", "xq", "epilepsy", "a\0b"])
def test_what_is_not_there_is_not_found(both: None, query: str) -> None:
    assert search.find(query) == []


def test_the_matched_name_is_said_unless_it_is_a_misspelling(both: None) -> None:
    assert search.find("kinsbourne syndrome")[0].matched == "Kinsbourne syndrome"
    assert search.find("Kinsborne syndrome")[0].matched == ""
    assert search.find("Opsoclonus-myoclonus syndrome")[0].matched == ""


def test_everything_is_listed_by_name(both: None) -> None:
    assert [each.name for each in search.everything()] == ["Opsoclonus-myoclonus syndrome", "Small syndrome"]


@pytest.mark.parametrize("code", ["1183", "ORPHA:1183", "orpha 1183"])
def test_by_code_in_any_spelling(both: None, code: str) -> None:
    (found,) = search.by_code("orpha", code)
    assert (found.slug, found.relation) == (OMS.name, "exact")


def test_an_exact_code_leads_straight_to_the_condition(both: None, client: Client) -> None:
    response = client.get("/lookup/?system=ORPHA&code=1183")
    assert (response.status_code, response["Location"]) == (302, f"/conditions/{OMS.name}/")


def test_a_broader_code_is_shown_with_how_well_it_fits(both: None, client: Client) -> None:
    page = client.get("/lookup/?system=ICD-10&code=G25.3").content.decode()
    assert "How well the code fits: broader" in page


def test_confirmed_none_is_no_code(both: None) -> None:
    assert search.by_code("OMIM", "") == []


def page(client: Client, **words: str) -> str:
    response = client.get("/conditions/", words)
    assert response.status_code == 200
    return re.sub(r"\s+", " ", response.content.decode())


@pytest.mark.parametrize("query", ["dancing eyes", "Kinsbourne", "OMAS", "opsoclonis", "ORPHA:1183", "1183"])
def test_the_page_is_found_from_the_front(both: None, client: Client, query: str) -> None:
    assert f'href="/conditions/{OMS.name}/"' in page(client, q=query)


@pytest.mark.parametrize(
    ("query", "matched"),
    [
        ("ORPHA:1183", "ORPHA 1183"),
        ("orpha 1183", "ORPHA 1183"),
        ("MONDO:0015247", "MONDO 0015247"),
        ("9c85.02", "9C85.02 (broader)"),
        ("ICD-11 9C85.02", "ICD-11 9C85.02 (broader)"),
    ],
)
def test_a_code_is_met_exactly(both: None, query: str, matched: str) -> None:
    assert [(each.slug, each.matched) for each in search.find(query)] == [(OMS.name, matched)]


@pytest.mark.parametrize("query", ["8A00", "ORPHA:1184", "ORPHA:118", "ICD-11 8A00.1", "G25.4", "D053579"])
def test_an_unknown_code_gets_a_helpful_empty_answer(both: None, client: Client, query: str) -> None:
    told = page(client, q=query)
    assert f"Nothing found for “{query}”" in told
    assert "No condition here carries this code." in told
    assert 'href="/lookup/"' in told


@pytest.mark.parametrize("query", ["dancing eyes", "7 words", "1 in 5 million people", ""])
def test_words_are_no_code(query: str) -> None:
    assert not search.looks_like_code(query)


def test_the_text_is_searched_in_all_forms_of_a_word_and_excerpts_are_marked(
    both: None, client: Client
) -> None:
    told = page(client, q="children wobbles")
    assert "<mark>Children</mark> <mark>wobble</mark>" in told
    assert 'href="/conditions/small-syndrome/?for=child#statement-children"' in told


def test_what_is_about_adults_is_not_quoted_by_accident(both: None, client: Client) -> None:
    told = page(client, q="tremble")
    assert "tremble</mark>" not in told
    assert "Adults" not in told
    assert "What concerns adults is not shown here." in told
    assert 'href="?q=tremble&amp;for=adult"' in told
    assert "<mark>tremble</mark>" in page(client, q="tremble", **{"for": "adult"})
    assert "wobble</mark>" not in page(client, q="wobble", **{"for": "adult"})


def test_no_search_quotes_what_oms_says_of_adults(both: None, client: Client) -> None:
    """Every longer word of those statements, asked for alone."""
    content = oms_pack().content
    adult = [
        each["text"]
        for section in content["sections"]
        for each in section["statements"]
        if each["population"] == "adult"
    ]
    for word in sorted({word for text in adult for word in re.findall(r"[A-Za-z]{7,}", text)}):
        quoted = [one.text for each in search.read(word) for one in each.excerpts]
        plain = [re.sub("[\x02\x03]", "", text) for text in quoted]
        assert not [text for text in plain if any(text[:60] in re.sub(r"\s+", " ", each) for each in adult)]


def test_markup_and_scripts_in_excerpts_are_text(
    small: Condition, publish: Callable[..., Release], client: Client
) -> None:
    hostile = "Zebra <script>alert(1)</script> [link](javascript:alert(1)) **bold** \x02zebra <b>\x03 \x03"
    Statement.objects.filter(key="what").update(text=hostile)
    publish(small)
    told = page(client, q="zebra")
    assert "<mark>Zebra</mark>" in told
    assert "<script>alert" not in told
    assert "javascript" not in told
    assert "<b>" not in told


def test_a_draft_and_what_was_withdrawn_is_not_searched(
    small: Condition, publish: Callable[..., Release], editor: User, reviewer: User
) -> None:
    publish(small)
    with acting_as(editor):
        Statement.objects.filter(key="what").update(text="Quagga.")
        publishing.submit(editor, small, reason="Waits.")
    assert search.search("quagga") == []
    wrong = publish_waiting(reviewer)
    assert [each.slug for each in search.search("quagga")] == ["small-syndrome"]
    assert search.search("rare") == []
    with acting_as(reviewer):
        publishing.withdraw(reviewer, wrong, reason="Wrong.")
    assert search.search("quagga") == []
    assert [each.slug for each in search.search("rare")] == ["small-syndrome"]


def publish_waiting(reviewer: User) -> Release:
    with acting_as(reviewer):
        waiting = Release.objects.pending().get()
        return publishing.publish(reviewer, publishing.approve(reviewer, waiting, interests="None."))


@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO conditions_passage (release_id, kind, key, population, text, plain, words)"
        " SELECT release_id, 'name', '', 'all', 'quagga', 'quagga', '' FROM conditions_passage LIMIT 1",
        "UPDATE conditions_passage SET text = 'quagga'",
        "DELETE FROM conditions_passage",
        "SELECT index_condition(1)",
    ],
)
def test_only_publication_writes_what_is_searched(
    small: Condition, publish: Callable[..., Release], statement: str
) -> None:
    publish(small)
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


@pytest.mark.parametrize("question", [search.FIND, search.QUOTE])
def test_both_searches_go_by_an_index(both: None, question: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off; SET LOCAL enable_indexscan = off")
        cursor.execute(f"EXPLAIN {question}", {"query": "dancing eyes", "groups": ["all", "child"]})
        plan = "\n".join(line for (line,) in cursor.fetchall())
    assert "Bitmap Index Scan on passage_" in plan
    assert "Seq Scan on conditions_passage" not in plan


@pytest.mark.parametrize(
    "query", ["'", "\\", "a & | ! b", "((", ":*", '"open', "-", "é" * 100, "%", "a\0b", "<->"]
)
def test_odd_questions_of_the_text_are_answered(both: None, query: str) -> None:
    search.search(query)


def test_a_long_query_is_cut_before_anything_looks_at_it(client: Client, db: None) -> None:
    """What tells codes from words reads a hundred characters; of thousands it would read each many times."""
    assert search.looks_like_code("ORPHA:1183" + " " * 200 + "!")
    assert client.get("/conditions/", {"q": "a" + " " * 3000 + "!"}).status_code == 200
