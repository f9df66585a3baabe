"""A condition is found by what people call it, spelt as people spell, and by its codes."""

from collections.abc import Callable

import pytest
from django.test import Client

from conditions import loading, pack, search
from conditions.models import Condition, Release
from tests.conditions.conftest import OMS


@pytest.fixture
def both(small: Condition, publish: Callable[..., Release]) -> None:
    """The small condition and OMS, both published."""
    publish(small)
    loading.load(pack.read(OMS))
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
