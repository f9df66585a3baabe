"""Who asked is told when the answer is published, once, and then nobody knows their address."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.core import mail
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.utils import timezone

from conditions import archiving, feedback, publishing
from conditions.models import Citation, Condition, Feedback, Release, Source, Statement
from conditions.tasks import TELL, tell_of_answers
from portal.identity import acting_as, speaking_as
from portal.models import AuditEvent, User
from tests.conditions.test_feedback import ANSWER, ask, published, queue

__all__ = ["published", "queue"]  # fixtures

pytestmark = pytest.mark.django_db
Queue = Callable[[], list[Feedback]]
Publish = Callable[..., Release]


@pytest.fixture
def answered(client: Client, queue: Queue, editor: User) -> Statement:
    """The draft answer to a question, of which the asker was told."""
    said = ask(client, queue)
    with acting_as(editor):
        drafted = feedback.answer(editor, said, link="https://steady.example/", **ANSWER)
        source = Source.objects.get(key="one")
        Citation.objects.create(statement=drafted, source=source, checked=True)
    assert len(mail.outbox) == 1
    return drafted


def test_told_on_publication_and_only_once(
    answered: Statement,
    queue: Queue,
    small: Condition,
    publish: Publish,
    trail: Callable[..., list[AuditEvent]],
) -> None:
    tell_of_answers(0)
    assert len(mail.outbox) == 1, "a draft is no answer yet"
    publish(small, reason="An answer.")
    tell_of_answers(0)
    tell_of_answers(0)
    assert len(mail.outbox) == 2
    told = mail.outbox[1]
    assert told.to == ["reader@mail.example"]
    spoken = told.body + told.subject
    assert not [word for word in ("Small", "travel", "Plan", "syndrome") if word in spoken]
    assert queue()[0].sealed_address is None
    assert [event.actor_id for event in trail(action="feedback.told")] == [None]


def test_an_answer_that_was_taken_out_is_not_told(
    answered: Statement, queue: Queue, small: Condition, publish: Publish, editor: User
) -> None:
    with acting_as(editor):
        Statement.objects.exclude(pk=answered.pk).filter(key="what").update(text="Rarer still.")
        answered.delete()
    publish(small, reason="Without the answer.")
    tell_of_answers(0)
    assert len(mail.outbox) == 1
    assert queue()[0].sealed_address is not None


def test_what_was_withdrawn_or_archived_is_not_told(
    answered: Statement, queue: Queue, small: Condition, publish: Publish, reviewer: User
) -> None:
    release = publish(small, reason="An answer.")
    with acting_as(reviewer):
        archiving.archive(reviewer, release, reason="Nobody is left.")
    tell_of_answers(0)
    with acting_as(reviewer):
        publishing.withdraw(reviewer, release, reason="Wrong.")
    tell_of_answers(0)
    assert len(mail.outbox) == 1


@pytest.mark.parametrize(("days", "kept"), [(179, True), (181, False)])
def test_an_address_is_not_kept_for_ever(
    answered: Statement, queue: Queue, editor: User, days: int, kept: bool
) -> None:
    with acting_as(editor):
        Feedback.objects.update(settled_at=timezone.now() - timedelta(days=days))
    tell_of_answers(0)
    assert (queue()[0].sealed_address is not None) == kept
    assert len(mail.outbox) == 1


def test_an_address_that_cannot_be_read_is_forgotten(
    answered: Statement, queue: Queue, small: Condition, publish: Publish, editor: User
) -> None:
    with acting_as(editor):
        Feedback.objects.update(sealed_address=b"sealed by another key")
    publish(small, reason="An answer.")
    tell_of_answers(0)
    assert len(mail.outbox) == 1
    assert queue()[0].sealed_address is None


@pytest.mark.parametrize(
    "change", ["status = 'open', settled_at = NULL", "note = 'x'", "owner_id = NULL", "sealed_address = 'x'"]
)
def test_the_job_forgets_and_does_nothing_else(answered: Statement, change: str) -> None:
    with speaking_as(TELL), pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"UPDATE conditions_feedback SET {change}")


def test_the_job_reads_nothing_but_what_was_answered(client: Client, queue: Queue) -> None:
    ask(client, queue)
    with speaking_as(TELL):
        assert not Feedback.objects.exists()
