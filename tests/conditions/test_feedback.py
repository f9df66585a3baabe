"""Readers say what they think; editors owe an answer; no release changes by it."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.core import mail
from django.core.cache import cache
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.test import Client
from django.utils import timezone

from conditions import publishing
from conditions.models import Condition, Feedback, Release, Statement
from portal.identity import acting_as
from portal.models import User

pytestmark = pytest.mark.django_db
URL = "/conditions/small-syndrome/feedback/"
ASKED = {"kind": "question", "text": "May we travel?", "email": "reader@mail.example"}
ANSWER = {"question": "Can families travel?", "population": "child", "text": "Plan it with the clinic."}
Publish = Callable[..., Release]


@pytest.fixture(autouse=True)
def published(small: Condition, publish: Publish) -> Release:
    """What readers write about; nothing was counted yet."""
    cache.clear()
    return publish(small)


@pytest.fixture
def queue(editor: User) -> Callable[[], list[Feedback]]:
    """What stands in the queue, as an editor reads it."""

    def read() -> list[Feedback]:
        with acting_as(editor):
            return list(Feedback.objects.select_related("owner"))

    return read


def text(response: object) -> str:
    return re.sub(r"\s+", " ", response.content.decode())


def test_a_vote_needs_no_account_and_no_words(client: Client, queue: Callable, trail: Callable) -> None:
    response = client.post(URL, {"kind": "unhelpful", "text": "Too long.", "email": "x@mail.example"})
    assert (response.status_code, response["Location"]) == (302, f"{URL}?sent=unhelpful")
    assert "Thank you" in text(client.get(response["Location"]))
    (said,) = queue()
    assert (said.kind, said.text, said.status, said.due_on) == ("unhelpful", "Too long.", "open", None)
    assert said.sealed_address is None, "nobody is told of a vote, so no address is kept"
    assert [event.actor_name for event in trail(action="feedback.sent")] == ["not signed in"]


def test_a_question_is_owed_an_answer_and_its_address_is_sealed(client: Client, queue: Callable) -> None:
    client.post(URL, ASKED)
    (said,) = queue()
    assert said.due_on == timezone.localdate() + timedelta(days=14)
    assert said.address == "reader@mail.example"
    assert b"reader" not in bytes(said.sealed_address)


def test_the_form_is_never_kept(client: Client) -> None:
    response = client.get(f"{URL}?kind=question")
    assert "no-store" in response["Cache-Control"]
    assert 'value="question" required id="id_kind_4" checked' in text(response) or "checked" in text(response)
    assert client.get("/conditions/none/feedback/").status_code == 404


@pytest.mark.parametrize(
    ("sent", "sentence"),
    [
        ({}, "Choose what you would like to say."),
        ({"kind": "rant"}, "Choose one of the four."),
        ({"kind": "question"}, "Say in a sentence what is wrong, or what you would like to know."),
        ({"kind": "error", "text": "  "}, "Say in a sentence what is wrong, or what you would like to know."),
        ({"kind": "error", "text": "x" * 2001}, "This is too long: 2001 letters."),
        ({"kind": "error", "text": "Kept words", "email": "nobody"}, "This is no e-mail address."),
    ],
)
def test_bad_input_gets_a_sentence_and_is_kept(
    client: Client, queue: Callable, sent: dict[str, str], sentence: str
) -> None:
    response = client.post(URL, sent)
    assert response.status_code == 200
    assert sentence in text(response)
    assert sent.get("text", "").strip() in text(response)
    assert queue() == []


def test_too_many_are_refused_and_the_text_is_kept(client: Client, queue: Callable) -> None:
    for _ in range(5):
        assert client.post(URL, ASKED).status_code == 302
    client.post(URL, {"kind": "rant"})  # what is not stored is not counted
    refused = client.post(URL, ASKED)
    assert refused.status_code == 429
    assert "Wait ten minutes" in text(refused)
    assert "May we travel?" in text(refused)
    assert len(queue()) == 5


def ask(client: Client, queue: Callable, **changed: str) -> Feedback:
    client.post(URL, {**ASKED, **changed})
    return queue()[0]


def test_an_answer_becomes_a_draft_and_the_asker_is_told(
    client: Client, queue: Callable, editor: User, sign_in: Callable, published: Release
) -> None:
    said, browser = ask(client, queue), sign_in(editor)
    listed = text(browser.get("/admin/conditions/feedback/"))
    assert "May we travel?" in listed
    page = text(browser.get(f"/admin/conditions/feedback/{said.pk}/change/"))
    assert "Answer on the page" in page
    assert "reader@mail.example" not in page
    response = browser.post(f"/admin/conditions/feedback/{said.pk}/answer/", ANSWER)
    drafted = Statement.objects.get(question="Can families travel?")
    assert response["Location"] == f"/admin/conditions/statement/{drafted.pk}/change/"
    assert (drafted.section.key, drafted.population, drafted.text) == ("questions", "child", ANSWER["text"])
    (told,) = mail.outbox
    assert (told.to, told.subject) == (["reader@mail.example"], "What you sent to Steady")
    spoken = told.body + told.subject
    assert not [word for word in ("Small", "travel", "Plan", "syndrome") if word in spoken]
    (said,) = queue()
    assert (said.status, said.owner, said.draft) == ("answered", editor, drafted.key)
    assert said.address == "reader@mail.example", "who is told once more on publication"
    with acting_as(editor), pytest.raises(publishing.NotAllowed, match="Every statement needs a source"):
        publishing.submit(editor, published.condition, reason="An answer.")
    assert "travel" not in text(client.get("/conditions/small-syndrome/")), "a draft is not for readers"


def test_what_is_settled_stays_so(client: Client, queue: Callable, editor: User, sign_in: Callable) -> None:
    said, browser = ask(client, queue, kind="error"), sign_in(editor)
    place = f"/admin/conditions/feedback/{said.pk}"
    refused = browser.post(f"{place}/answer/", ANSWER)
    assert "Only a question is answered on the page." in text(refused)
    assert "Write a sentence" in text(browser.post(f"{place}/close/", {"words": " "}))
    assert browser.post(f"{place}/close/", {"words": "Mended."}).status_code == 302
    assert "This is closed already." in text(browser.post(f"{place}/close/", {"words": "Again."}))
    (said,) = queue()
    assert (said.status, said.note, said.owner) == ("closed", "Mended.", editor)
    assert len(mail.outbox) == 1
    assert "Mended" not in mail.outbox[0].body


def test_who_answers_and_by_when_is_chosen_among_editors(
    client: Client, queue: Callable, editor: User, reviewer: User, sign_in: Callable
) -> None:
    said, browser = ask(client, queue), sign_in(editor)
    place, day = f"/admin/conditions/feedback/{said.pk}/change/", timezone.localdate() - timedelta(days=1)
    assert "Select a valid choice" in text(browser.post(place, {"owner": reviewer.pk, "due_on": str(day)}))
    assert "Say by when this is answered." in text(browser.post(place, {"owner": editor.pk, "due_on": ""}))
    assert browser.post(place, {"owner": editor.pk, "due_on": str(day)}).status_code == 302
    assert (queue()[0].owner, queue()[0].due_on) == (editor, day)
    assert ", overdue" in text(browser.get("/admin/conditions/feedback/?status=overdue"))


def test_only_editors_read_the_queue(
    client: Client, queue: Callable, reviewer: User, family: User, sign_in: Callable
) -> None:
    said = ask(client, queue)
    for person in (reviewer, family):
        with acting_as(person):
            assert not Feedback.objects.exists()
        assert sign_in(person).get("/admin/conditions/feedback/").status_code == 403
        assert sign_in(person).get(f"/admin/conditions/feedback/{said.pk}/answer/").status_code in {403, 404}
    assert not Feedback.objects.exists(), "nor does anybody who is not signed in"


def test_no_word_of_readers_changes_what_was_approved(
    client: Client, queue: Callable, published: Release
) -> None:
    def stands() -> tuple[str, dict, bytes]:
        release = Release.objects.get(pk=published.pk)
        return release.digest, release.snapshot, client.get("/conditions/small-syndrome/").content

    before = stands()
    for kind in Feedback.Kind.values:
        assert client.post(URL, {**ASKED, "kind": kind}).status_code == 302
    assert len(queue()) == 4
    assert stands() == before


@pytest.mark.parametrize(
    "bad",
    [
        {"kind": "rant"},
        {"kind": "question", "text": ""},
        {"kind": "question", "due_on": None},
        {"text": "x" * 2001},
        {"status": "answered"},
        {"status": "closed"},
        {"note": "Forged."},
        {"draft": "forged"},
    ],
)
def test_the_database_refuses_the_same(published: Release, bad: dict[str, object]) -> None:
    told = {"kind": "question", "text": "Why?", "due_on": timezone.localdate(), **bad}
    row = Feedback(condition=published.condition, release=published, **told)
    with pytest.raises((IntegrityError, DatabaseError)), transaction.atomic():
        Feedback.objects.bulk_create([row])


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM conditions_feedback",
        "UPDATE conditions_feedback SET text = 'Changed.'",
        "UPDATE conditions_feedback SET kind = 'helpful'",
        "DELETE FROM conditions_feedbackpast",
    ],
)
def test_not_even_an_editor_changes_a_readers_words(
    client: Client, queue: Callable, editor: User, statement: str
) -> None:
    ask(client, queue)
    with acting_as(editor), pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
