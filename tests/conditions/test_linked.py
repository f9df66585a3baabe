"""What machines read: JSON-LD as extruct finds it, the sitemap, robots.txt, the feed of changes."""

import re
from collections.abc import Callable
from datetime import timedelta
from xml.etree import ElementTree

import pytest
from django.test import Client
from django.utils.http import http_date, parse_http_date
from extruct.jsonld import JsonLdExtractor

from conditions import loading, publishing
from conditions.models import Condition, Release, Statement
from portal.identity import acting_as
from portal.models import User
from tests.conditions.conftest import OMS, oms_pack

pytestmark = pytest.mark.django_db
ATOM = "{http://www.w3.org/2005/Atom}"
URL = "/conditions/small-syndrome/"
Publish = Callable[..., Release]


@pytest.fixture
def oms(publish: Publish) -> Release:
    """OMS, published."""
    loading.load(oms_pack())
    return publish(Condition.objects.get(slug=OMS.name))


def linked(client: Client, address: str) -> dict:
    (found,) = JsonLdExtractor().extract(client.get(address).content.decode())
    return found


def test_the_page_tells_machines_what_it_is_about(client: Client, oms: Release) -> None:
    told = linked(client, f"/conditions/{OMS.name}/")
    about = told["mainEntity"]
    assert (told["@type"], about["@type"]) == ("MedicalWebPage", "MedicalCondition")
    assert told["url"] == f"http://testserver/conditions/{OMS.name}/"
    assert re.fullmatch(r"\d{4}-\d\d-\d\d", told["lastReviewed"])
    assert "Kinsbourne syndrome" in about["alternateName"]
    assert "Opticlonus" not in about["alternateName"], "a misspelling is no name"
    codes = {(code["codingSystem"], code["codeValue"]): code.get("description") for code in about["code"]}
    kept = oms_pack().content["codes"]
    assert set(codes) == {(code["system"], code["code"]) for code in kept if code["code"]}
    assert codes["ORPHA", "1183"] is None
    assert codes["ICD-10", "G25.3"] == "How well the code fits the condition: broader."
    assert {"HP:0010543"} <= {each["code"]["codeValue"] for each in about["signOrSymptom"]}
    assert all(each.startswith("http") for each in told["citation"])


def test_no_text_ends_the_block(client: Client, small: Condition, publish: Publish) -> None:
    words = "A </script><script>alert(1)</script> & <!-- name"
    small.name = words
    small.save()
    publish(small)
    assert linked(client, URL)["name"] == words
    assert "<script>alert" not in client.get(URL).content.decode()


def test_the_sitemap_lists_what_is_published(
    client: Client, small: Condition, oms: Release, publish: Publish
) -> None:
    listed = client.get("/sitemap.xml").content.decode()
    assert re.findall("<loc>(.*?)</loc>", listed) == [f"http://testserver/conditions/{OMS.name}/"]
    publish(small)
    assert f"<loc>http://testserver{URL}</loc>" in client.get("/sitemap.xml").content.decode()


def test_robots_are_told_where_to_look(client: Client) -> None:
    response = client.get("/robots.txt")
    assert response["Content-Type"] == "text/plain"
    told = response.content.decode()
    assert "Disallow: /log/\n" in told
    assert "Sitemap: http://testserver/sitemap.xml\n" in told
    assert "Disallow: /conditions/\n" not in told


def titles(client: Client, address: str) -> list[str]:
    feed = ElementTree.fromstring(client.get(address).content)  # noqa: S314 - it is ours
    return [each.text for each in feed.findall(f"{ATOM}entry/{ATOM}title")]


def test_the_feed_tells_of_releases_and_withdrawals_and_never_of_drafts(
    client: Client, small: Condition, oms: Release, publish: Publish, editor: User, reviewer: User
) -> None:
    assert client.get(f"{URL}changes.atom").status_code == 404
    publish(small)
    with acting_as(editor):
        Statement.objects.filter(key="what").update(text="Wrong.")
        waiting = publishing.submit(editor, small, reason="Hidden.")
    assert titles(client, f"{URL}changes.atom") == ["Small syndrome: release 1"]
    assert "Hidden" not in client.get("/conditions/changes.atom").content.decode()
    with acting_as(reviewer):
        wrong = publishing.publish(reviewer, publishing.approve(reviewer, waiting, interests="None."))
        before = client.get(f"{URL}changes.atom")
        publishing.withdraw(reviewer, wrong, reason="A figure was wrong.")
    after = client.get(f"{URL}changes.atom", headers={"if-none-match": before["ETag"]})
    assert after.status_code == 200
    assert "A figure was wrong." in after.content.decode()
    assert titles(client, f"{URL}changes.atom") == [
        "Small syndrome: release 2 was withdrawn",
        "Small syndrome: release 1",
    ]
    assert len(titles(client, "/conditions/changes.atom")) == 3


def test_who_follows_a_condition_hears_that_its_only_release_was_withdrawn(
    client: Client, small: Condition, publish: Publish, reviewer: User
) -> None:
    release = publish(small)
    with acting_as(reviewer):
        publishing.withdraw(reviewer, release, reason="A figure was wrong.")
    assert "Small syndrome: release 1 was withdrawn" in titles(client, f"{URL}changes.atom")


@pytest.mark.parametrize("page", ["", "data.json", "handout.pdf", "changes.atom", "releases/1/"])
def test_caches_may_ask_by_tag_or_time(
    client: Client, small: Condition, publish: Publish, editor: User, reviewer: User, page: str
) -> None:
    """And hear of a withdrawal by either, though the release that is back is older."""
    publish(small)
    with acting_as(editor):
        Statement.objects.filter(key="what").update(text="Wrong.")
    wrong = publish(small, reason="Mistake.")
    seen = client.get(URL + page)
    by_tag, by_time = {"if-none-match": seen["ETag"]}, {"if-modified-since": seen["Last-Modified"]}
    assert client.get(URL + page, headers=by_tag).status_code == 304
    assert client.get(URL + page, headers=by_time).status_code == 304
    earlier = http_date(parse_http_date(seen["Last-Modified"]) - timedelta(days=1).total_seconds())
    assert client.get(URL + page, headers={"if-modified-since": earlier}).status_code == 200
    with acting_as(reviewer):
        publishing.withdraw(reviewer, wrong, reason="A figure was wrong.")
    assert client.get(URL + page, headers=by_tag).status_code == 200
