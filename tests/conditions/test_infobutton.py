"""A condition is found by its code as other software asks: any name of the system, JSON or a page."""

import json
from collections.abc import Callable

import pytest
from django.test import Client

from conditions import codes, loading
from conditions.models import Condition, Release
from tests.conditions.conftest import OMS, oms_pack

pytestmark = pytest.mark.django_db


@pytest.fixture
def oms(publish: Callable[..., Release]) -> Release:
    """OMS, published."""
    loading.load(oms_pack())
    return publish(Condition.objects.get(slug=OMS.name))


def asked(client: Client, status: int = 200, **words: str) -> dict:
    response = client.get("/lookup/", {"format": "json", **words})
    assert response.status_code == status
    assert response["Content-Type"] == "application/json"
    return json.loads(response.content)


@pytest.mark.parametrize(
    ("system", "code", "relation"),
    [
        ("ORPHA", "1183", "exact"),
        ("http://www.orpha.net", "ORPHA:1183", "exact"),
        ("ICD-10", "G25.3", "broader"),
        ("http://hl7.org/fhir/sid/icd-10", "g25.3", "broader"),
        ("2.16.840.1.113883.6.3", "G25.3", "broader"),
        ("ICD-11", "9C85.02", "broader"),
        ("http://id.who.int/icd/release/11/mms", "9C85.02", "broader"),
        ("SNOMED CT", "230350000", "exact"),
        ("snomed", "230350000", "exact"),
        ("urn:oid:2.16.840.1.113883.6.96", "230350000", "exact"),
        ("MeSH", "D053578", "exact"),
        ("2.16.840.1.113883.6.177", "D053578", "exact"),
    ],
)
def test_json_for_every_system(client: Client, oms: Release, system: str, code: str, relation: str) -> None:
    (found,) = asked(client, system=system, code=code)["found"]
    assert (found["condition"], found["relation"], found["release"]) == (OMS.name, relation, 1)
    assert found["page"] == f"http://testserver/conditions/{OMS.name}/"
    assert client.get(found["page"]).status_code == client.get(found["data"]).status_code == 200


def test_as_an_info_button_asks(client: Client, oms: Release) -> None:
    words = {
        "mainSearchCriteria.v.cs": "2.16.840.1.113883.6.96",
        "mainSearchCriteria.v.c": "230350000",
        "informationRecipient.languageCode.c": "de",
        "audience": "child",
    }
    told = asked(client, **words)
    assert (told["system"], told["language"], told["audience"]) == ("SNOMED CT", "en", "child")
    assert told["found"][0]["page"].endswith("/?for=child&lang=de")
    assert told["found"][0]["handout"].endswith("/handout.pdf?for=child"), "which is English"
    assert client.get("/lookup/", words)["Location"] == f"/conditions/{OMS.name}/?for=child&lang=de"
    words["informationRecipient.languageCode.c"] = "tlh"
    assert client.get("/lookup/", words)["Location"] == f"/conditions/{OMS.name}/?for=child"


@pytest.mark.parametrize(
    ("accept", "kind"),
    [
        ("application/json", "application/json"),
        ("application/json, text/html;q=0.5", "application/json"),
        ("text/html,application/xhtml+xml,*/*;q=0.8", "text/html; charset=utf-8"),
        ("*/*", "text/html; charset=utf-8"),
        ("image/png", "text/html; charset=utf-8"),
        (";;;", "text/html; charset=utf-8"),
    ],
)
def test_the_accept_header_chooses(client: Client, oms: Release, accept: str, kind: str) -> None:
    response = client.get("/lookup/?system=ICD-10&code=G25.3", headers={"accept": accept})
    assert (response.status_code, response["Content-Type"]) == (200, kind)
    assert "Accept" in response["Vary"]


def test_no_such_code_is_404_with_what_to_do(client: Client, oms: Release) -> None:
    told = asked(client, 404, system="ICD-11", code="8A00")
    assert told["found"] == []
    assert told["message"] == "No condition here carries ICD-11 8A00. Check the code, or search by name."
    page = client.get("/lookup/?system=ICD-11&code=8A00")
    assert page.status_code == 404
    assert told["message"] in page.content.decode()


def test_an_unknown_system_gets_a_sentence(client: Client, oms: Release) -> None:
    told = asked(client, 404, system="Klingon <b>", code="1")
    assert told["message"].startswith(
        "“Klingon <b>” is no code system that is known here. Choose one of: ORPHA,"
    )
    page = client.get("/lookup/?system=Klingon+<b>&code=1").content.decode()
    assert "“Klingon &lt;b&gt;” is no code system" in page


@pytest.mark.parametrize("words", [{}, {"system": "ORPHA"}, {"code": "1183"}])
def test_half_a_question_is_no_error(client: Client, oms: Release, words: dict[str, str]) -> None:
    assert asked(client, **words)["found"] == []


@pytest.mark.parametrize("word", ["", "/", "urn:oid:", "-", "icd", "2.16.840.1.113883"])
def test_what_names_no_system(word: str) -> None:
    assert codes.system_named(word) is None


def test_every_system_of_the_pack_is_known() -> None:
    for code in oms_pack().content["codes"]:
        assert codes.system_named(code["system"]) == next(
            each for each in codes.SYSTEMS if each.name == code["system"]
        )
