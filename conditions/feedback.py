"""What becomes of readers' words: sent, answered as a draft, or closed; whoever left an address is told.

Nothing here touches a release, so no vote and no question ever changes what was approved.
"""

from datetime import timedelta

from django.core.mail import send_mail
from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from conditions.models import Condition, Feedback, Section, Statement
from conditions.models.feedback import PURPOSE
from conditions.publishing import NotAllowed
from conditions.standing import Standing
from portal import audit
from portal.models import User
from portal.secrecy import box

DUTY = timedelta(days=14)  # in which somebody answers
KEPT = timedelta(days=180)  # for which an answered question's address waits for the answer to be published
SECTION, TITLE = "questions", "Questions and answers"
# No word of what was asked, nor of which condition: a mail is read on many a screen.
ANSWERED = """An editor has answered what you asked on Steady. A clinical reviewer reads each answer before it
is published. Then it stands among the questions on the page where you asked:

{link}

You get one more mail when it is published. Your address is deleted then, and after 180 days in any case.
"""
CLOSED = """An editor has read what you sent on Steady. Thank you. What was changed, if anything, is listed on
the page under “What changed, and when”:

{link}

Your address was deleted with this mail, so nobody can write to you about it again.
"""


def send(user: User | None, standing: Standing, *, kind: str, text: str = "", address: str = "") -> None:
    """Put a reader's word about a release into the editors' queue; the trail alone knows who signed in."""
    condition = Condition.objects.get(slug=standing.slug)
    said = Feedback(
        condition=condition, release_id=standing.release, kind=kind, text=text.replace("\r\n", "\n").strip()
    )
    if kind not in Feedback.VOTES:
        said.due_on = timezone.localdate() + DUTY
        said.sealed_address = box(PURPOSE).encrypt(address.encode()) if address else None
    with transaction.atomic():
        # bulk_create asks for nothing back: who sends may not read the queue.
        Feedback.objects.bulk_create([said])
        audit.record(user, "feedback.sent", said)


def answer(
    user: User, feedback: Feedback, *, question: str, text: str, population: str, link: str
) -> Statement:
    """Turn a question into a draft statement, which still needs its source and a review; tell the asker.

    Errors: NotAllowed without the right, for what is no question, or when it was settled meanwhile.
    """
    with transaction.atomic():
        said = _open(user, feedback)
        if said.kind != Feedback.Kind.QUESTION:
            raise NotAllowed("Only a question is answered on the page. Mend the page, then close this.")
        section = _section(said.condition_id)
        last = section.statements.aggregate(last=Max("position"))["last"] or 0
        said.draft = f"asked-{said.key.hex[:12]}"
        drafted = Statement.objects.create(
            section=section,
            key=said.draft,
            position=last + 1,
            population=population,
            question=question,
            text=text,
        )
        _settle(user, said, Feedback.Status.ANSWERED, ANSWERED.format(link=link))
    return drafted


def close(user: User, feedback: Feedback, *, note: str, link: str) -> None:
    """Settle what needs no answer on the page, saying why to colleagues. Errors: as `answer`."""
    if not 1 <= len(note.strip()) <= 300:
        raise NotAllowed("Say in 1 to 300 characters why; colleagues see it.")
    with transaction.atomic():
        said = _open(user, feedback)
        said.note = note.strip()
        _settle(user, said, Feedback.Status.CLOSED, CLOSED.format(link=link))


def _open(user: User, feedback: Feedback) -> Feedback:
    """The row as it stands now, locked; NotAllowed without the right or when somebody settled it."""
    if not user.has_perm("conditions.change_feedback"):
        raise NotAllowed("Only an editor answers readers.")
    said = Feedback.objects.select_for_update().get(pk=feedback.pk)
    if said.status != Feedback.Status.OPEN:
        raise NotAllowed(f"This is {said.status} already.")
    return said


def _section(condition: int) -> Section:
    last = Section.objects.filter(condition=condition).aggregate(last=Max("position"))["last"] or 0
    made = {"title": TITLE, "position": last + 1, "kind": Section.Kind.QUESTIONS}
    return Section.objects.get_or_create(condition_id=condition, key=SECTION, defaults=made)[0]


def _settle(user: User, said: Feedback, status: Feedback.Status, letter: str) -> None:
    """Note who settled it and when, tell the reader, and forget their address unless `telling` needs it."""
    address = said.address
    said.status, said.owner, said.settled_at = status, user, timezone.now()
    if status == Feedback.Status.CLOSED:
        said.sealed_address = None
    said.save(update_fields=["status", "owner", "settled_at", "sealed_address", "note", "draft"])
    if address:
        send_mail("What you sent to Steady", letter, None, [address])
    audit.record(user, f"feedback.{status}", said)
