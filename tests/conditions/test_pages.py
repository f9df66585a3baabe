"""What is kept of a page is never stale: whatever a page shows, its key holds."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import fields, replace
from datetime import datetime, timedelta

import pytest
from django.db import ProgrammingError, connection, transaction
from django.test import Client
from django.utils import translation

from conditions import pages, publishing, standing
from conditions.due import Review
from conditions.models import Condition, Release, Statement
from portal.identity import acting_as
from portal.models import User

pytestmark = pytest.mark.django_db
URL = "/conditions/small-syndrome/"
Publish = Callable[..., Release]


@pytest.fixture(params=["not signed in", "signed in"])
def reader(request: pytest.FixtureRequest, sign_in: Callable, family: User) -> Client:
    """Who reads; the whole page is kept for one, its parts for the other."""
    return Client() if request.param == "not signed in" else sign_in(family)


def test_every_change_is_seen_at_once(
    reader: Client, small: Condition, publish: Publish, editor: User, reviewer: User
) -> None:
    def read(page: str = "") -> str:
        return reader.get(URL + page).content.decode()

    publish(small, note="Read with care.")
    assert "Read with care." in read()
    assert "This is not the newest release." not in read("releases/1/")
    with acting_as(editor):
        Statement.objects.filter(key="what").update(text="It is common.")
    later = publish(small, reason="Mistake.")
    assert "This is not the newest release." in read("releases/1/")
    assert "It is common." in read()
    assert "Read with care." not in read()
    with acting_as(reviewer):
        publishing.withdraw(reviewer, later, reason="Wrong.")
    assert "It is common." not in read()
    assert "Read with care." in read()
    assert "This is not the newest release." not in read("releases/1/")


def test_what_the_database_does_not_say_of_a_condition_is_never_kept(
    small: Condition, publish: Publish
) -> None:
    """A page moves with its address, and what is rolled back leaves nothing behind."""
    publish(small)
    assert Client().get(URL).status_code == 200
    with suppress(RuntimeError), transaction.atomic():
        Condition.objects.filter(pk=small.pk).update(name="Nowhere")
        publish(small, reason="Nowhere.")
        assert "Nowhere" in Client().get(URL).content.decode()
        raise RuntimeError
    assert "Nowhere" not in Client().get(URL).content.decode()
    Condition.objects.filter(pk=small.pk).update(slug="elsewhere")
    assert Client().get(URL).status_code == 404
    assert Client().get("/conditions/elsewhere/").status_code == 200


def test_the_web_role_cannot_hold_a_mark_still(small: Condition, publish: Publish) -> None:
    publish(small)
    for statement in ("UPDATE conditions_mark SET value = value", "DELETE FROM conditions_mark"):
        with pytest.raises(ProgrammingError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)


def test_no_reader_gets_another_ones_page(
    sign_in: Callable, family: User, small: Condition, publish: Publish
) -> None:
    publish(small)
    for browser, shown in ((Client(), False), (sign_in(family), True), (Client(), False)):
        assert (family.name in browser.get(URL).content.decode()) == shown


def another(value: object) -> object:
    """Not the same, of the same kind."""
    if isinstance(value, Review):
        return replace(value, overdue=not value.overdue)
    if isinstance(value, tuple):
        return (*value, "x")
    if isinstance(value, datetime):
        return value + timedelta(days=1)
    return not value if isinstance(value, bool) else value + 1 if isinstance(value, int) else f"{value}x"


def test_every_field_of_the_standing_and_all_else_is_in_the_key(small: Condition, publish: Publish) -> None:
    publish(small)
    stands = standing.of("small-syndrome")
    keys = {pages.key_of(stands), pages.key_of(stands, "child"), pages.key_of(stands, "", "http://a/")}
    for each in fields(standing.Standing):
        value = getattr(stands, each.name)
        keys.add(pages.key_of(replace(stands, **{each.name: another(value)})))
    with translation.override("de"):
        keys.add(pages.key_of(stands))
    assert len(keys) == 3 + len(fields(standing.Standing)) + 1
    assert pages.key_of(standing.of("small-syndrome")) in keys


def test_the_columns_are_the_fields(small: Condition, publish: Publish) -> None:
    """The function gives them in the order of `Standing`, but the verdicts as they were given."""
    with connection.cursor() as cursor:
        cursor.execute(standing.ASK, {"slug": "none", "number": None})
        names = [column.name for column in cursor.description]
    told = [each.name for each in fields(standing.Standing)]
    assert (names[:-1], names[-1]) == (told[:-3], "verdicts")
    assert told[-3:] == ["review", "notices", "archived"]
    assert standing.of("none") is None


def test_a_host_that_is_asked_by_another_name_gets_its_own_addresses(
    small: Condition, publish: Publish
) -> None:
    publish(small)
    for host in ("localhost", "testserver", "localhost"):
        told = Client().get(URL, headers={"host": host}).content.decode()
        assert f'"url": "http://{host}{URL}"' in told
