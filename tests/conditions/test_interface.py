"""No word of the interface is forgotten on the pages that readers of conditions meet."""

from collections.abc import Callable

import pytest
from django.test import Client

from conditions import archiving, loading, publishing
from conditions.codes import SYSTEMS
from conditions.models import Condition, Release, Statement
from portal.identity import acting_as
from portal.models import User
from tests.conditions.conftest import oms_pack
from tests.pseudo import CODE, right_to_left, untranslated

__all__ = ["right_to_left"]

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("right_to_left")]
OMS = "opsoclonus-myoclonus-syndrome"
# Names, which have no other words, and what the tests themselves ask for.
NAMES = [
    *(
        "Steady",
        "Opsoclonus-myoclonus syndrome",
        "Small syndrome",
        "HP:",
        "tumour",
        "G25.3",
        "nowhere",
        "X1",
        "children",
    ),
    *(each.name for each in SYSTEMS),
]
Publish = Callable[..., Release]


def forgotten(client: Client, address: str, status: int = 200) -> list[str]:
    answer = client.get(f"{address}{'&' if '?' in address else '?'}lang={CODE}")
    assert answer.status_code == status
    shown = answer.content.decode()
    assert '<html lang="he" dir="rtl"' in shown
    return untranslated(shown, NAMES)


@pytest.fixture
def oms(publish: Publish) -> Release:
    loading.load(oms_pack())
    return publish(Condition.objects.get(slug=OMS), note="Well sourced.")


@pytest.mark.usefixtures("oms")
class TestPages:
    @pytest.mark.parametrize("query", ["", "?for=adult&words=professional"])
    def test_of_a_condition(self, client: Client, query: str) -> None:
        assert forgotten(client, f"/conditions/{OMS}/{query}") == []

    @pytest.mark.parametrize("query", ["?kind=error", "?sent=error", "?sent=helpful"])
    def test_of_feedback(self, client: Client, query: str) -> None:
        assert forgotten(client, f"/conditions/{OMS}/feedback/{query}") == []

    @pytest.mark.parametrize("query", ["", "?q=tumour", "?q=G25.3", "?q=nowhere", "?q=X1"])
    def test_of_the_list_and_the_search(self, client: Client, query: str) -> None:
        assert forgotten(client, f"/conditions/{query}") == []

    def test_of_the_lookup(self, client: Client) -> None:
        assert forgotten(client, "/lookup/") == []
        assert forgotten(client, "/lookup/?system=ICD-10&code=G25.3") == []
        assert forgotten(client, "/lookup/?system=ICD-10") == []
        assert forgotten(client, "/lookup/?system=ICD-10&code=X1", 404) == []
        assert forgotten(client, "/lookup/?system=nowhere&code=X1", 404) == []

    def test_in_front(self, client: Client) -> None:
        assert forgotten(client, "/") == []

    def test_that_are_not_there(self, client: Client) -> None:
        assert forgotten(client, "/conditions/nowhere/", 404) == []

    def test_that_a_form_gives_back(self, client: Client) -> None:
        client.get(f"/conditions/?lang={CODE}")
        wrong = ({}, {"kind": "x", "email": "x"}, {"kind": "error"}, {"kind": "error", "text": "x" * 3000})
        for sent in wrong:
            shown = client.post(f"/conditions/{OMS}/feedback/", sent).content.decode()
            assert "invalid-feedback" in shown
            assert untranslated(shown, [*NAMES, "x" * 3000]) == []


def test_what_changed(client: Client, small: Condition, publish: Publish, editor: User) -> None:
    publish(small)
    with acting_as(editor):
        Statement.objects.filter(key="children").update(text="Children wobble much.", dissent="Some.")
    publish(small, reason="More.")
    for address in ("changes/", "releases/1/"):
        assert forgotten(client, f"/conditions/small-syndrome/{address}") == []


def test_what_was_taken_away(client: Client, small: Condition, publish: Publish, reviewer: User) -> None:
    page, shown = "/conditions/small-syndrome/", publish(small)
    with acting_as(reviewer):
        archiving.archive(reviewer, shown, reason="Nobody is left.")
    assert forgotten(client, page, 410) == []
    assert forgotten(client, f"{page}releases/1/") == []
    assert forgotten(client, f"{page}changes/") == []
    with acting_as(reviewer):
        publishing.withdraw(reviewer, shown, reason="A number is wrong.")
    assert forgotten(client, page, 410) == []


def test_files_stay_english(client: Client, small: Condition, publish: Publish) -> None:
    """What machines read and what is printed; the cookie of who asks changes neither."""
    publish(small)
    files = ("data.json", "changes.atom")
    plain = [client.get(f"/conditions/small-syndrome/{each}").content for each in files]
    client.get(f"/conditions/?lang={CODE}")
    assert plain == [client.get(f"/conditions/small-syndrome/{each}").content for each in files]


def test_the_switch_on_a_kept_page_holds_nothing_of_another_reader(
    client: Client, small: Condition, publish: Publish
) -> None:
    publish(small)
    client.get("/conditions/small-syndrome/?for=child&x=canary")
    shown = client.get("/conditions/small-syndrome/?for=child").content.decode()
    assert "canary" not in shown
    assert f'<a href="?for=child&amp;lang={CODE}" lang="{CODE}" hreflang="{CODE}">' in shown
