"""What the care team keeps in mind about a patient: marks, what is due, tags and teams, notes on a day."""

from collections.abc import Collection
from datetime import date, datetime, timedelta

from django.db import transaction
from django.utils import timezone

from portal import audit
from portal.database.turns import take_turns
from portal.models import User
from tracker import status
from tracker.models import DueItem, Mark, Patient, PrivateNote, Tag, Tagging
from tracker.taps import TWICE, Repeated


class Known(Exception):
    """It is there already; nothing was stored."""


@transaction.atomic
def set_mark(
    user: User,
    patient: Patient,
    name: str,
    starts_on: date,
    ends_on: date | None,
    *,
    systolic: int | None = None,
    diastolic: int | None = None,
    at: datetime | None = None,
) -> Mark:
    """Mark a patient from day to day, or until further notice; `at` is when, now but for invented courses.

    `systolic` and `diastolic` are a blood pressure limit's, in mm Hg.
    Errors: Repeated when just this one is there, set by `user`; Known when one of the same name overlaps,
    which is to be lengthened instead.
    """
    take_turns(f"marks {patient.pk}")
    told = {"name": name, "starts_on": starts_on, "ends_on": ends_on, "set_by": user}
    told |= {"systolic": systolic, "diastolic": diastolic}
    if patient.marks.filter(**told).exists():
        raise Repeated
    mark = Mark(patient=patient, set_at=at or timezone.now(), **told)
    if any(overlap(mark, other) for other in patient.marks.filter(name=name)):
        raise Known
    mark.full_clean()
    mark.save(force_insert=True)
    status.refresh(patient)  # a mark makes of a sign an emergency
    audit.record(user, "mark set", mark, patient=patient.pk)
    return mark


def overlap(one: Mark, other: Mark) -> bool:
    """Whether there is a day on which both hold."""
    first = max(one.starts_on, other.starts_on)
    return one.holds_on(first) and other.holds_on(first)


@transaction.atomic
def end_mark(user: User, mark: Mark, ends_on: date | None) -> None:
    """Let a mark last longer or shorter; None is until further notice.

    Errors: Known when it would reach into another of the same name.
    """
    take_turns(f"marks {mark.patient_id}")
    mark.ends_on = ends_on
    mark.full_clean(validate_unique=False)
    others = Mark.objects.filter(patient=mark.patient_id, name=mark.name).exclude(pk=mark.pk)
    if any(overlap(mark, other) for other in others):
        raise Known
    Mark.objects.filter(pk=mark.pk).update(ends_on=ends_on)
    status.refresh(mark.patient)
    audit.record(user, "mark changed", mark, patient=mark.patient_id)


@transaction.atomic
def add_due(user: User, patient: Patient, item: DueItem) -> DueItem:
    """Store something to be done by a day; the same again within a minute is a second tap."""
    take_turns(f"due {patient.pk}")
    same = {name: getattr(item, name) for name in ("kind", "text", "due_on", "every_weeks")}
    lately = patient.due_items.filter(set_by=user, set_at__gt=timezone.now() - TWICE)
    if twin := lately.filter(**same).first():
        return twin
    item.patient, item.set_by = patient, user
    item.full_clean()
    item.save(force_insert=True)
    status.recount(patient)
    audit.record(user, "due item added", item, patient=patient.pk)
    return item


@transaction.atomic
def finish_due(user: User, item: DueItem, on: date) -> DueItem | None:
    """Say that it was done on a day; one that repeats is due again, and that one is given back.

    Errors: Repeated when it was done on that day already; Known when on another, or when it was dropped.
    """
    if not DueItem.objects.open().filter(pk=item.pk).update(done_on=on):
        raise Repeated if DueItem.objects.filter(pk=item.pk, done_on=on).exists() else Known
    status.recount(item.patient)
    audit.record(user, "due item done", item, patient=item.patient_id)
    if not item.every_weeks:
        return None
    again = DueItem(kind=item.kind, text=item.text, every_weeks=item.every_weeks)
    again.due_on = on + timedelta(weeks=item.every_weeks)
    return add_due(user, item.patient, again)


@transaction.atomic
def drop_due(user: User, item: DueItem, reason: str) -> None:
    """Say that it will not be done, and why.

    Errors: Repeated when it was dropped for that reason already; Known for another, or when it was done.
    """
    if not DueItem.objects.open().filter(pk=item.pk).update(dropped_reason=reason):
        raise Repeated if DueItem.objects.filter(pk=item.pk, dropped_reason=reason).exists() else Known
    status.recount(item.patient)
    audit.record(user, "due item dropped", item, patient=item.patient_id)


@transaction.atomic
def make_tag(user: User, patient: Patient, name: str, *, team: bool) -> Tag:
    """A new word or team of the patient's clinic. Errors: Known when the clinic has it, in any case."""
    take_turns(f"tags {patient.clinic_id}")
    if Tag.objects.filter(clinic=patient.clinic_id, name__iexact=name).exists():
        raise Known
    tag = Tag(clinic_id=patient.clinic_id, name=name, team=team)
    tag.full_clean()
    tag.save(force_insert=True)
    audit.record(user, "tag made", tag, patient=patient.pk)
    return tag


@transaction.atomic
def put_tags(user: User, patient: Patient, chosen: Collection[Tag]) -> None:
    """Let a patient carry just these tags of their clinic; what was taken off stays in the history."""
    take_turns(f"tagging {patient.pk}")
    on = {row.tag_id: row for row in patient.taggings.filter(taken_off_at=None)}
    wanted = {tag.pk for tag in chosen}
    for tag_id in sorted(wanted - set(on), key=str):
        row = Tagging.objects.create(patient=patient, tag_id=tag_id, set_by=user)
        audit.record(user, "tag put on", row, patient=patient.pk)
    for tag_id in sorted(set(on) - wanted, key=str):
        Tagging.objects.filter(pk=on[tag_id].pk).update(taken_off_at=timezone.now())
        audit.record(user, "tag taken off", on[tag_id], patient=patient.pk)


@transaction.atomic
def pin_note(
    user: User, patient: Patient, day: date, text: str, *, at: datetime | None = None
) -> PrivateNote:
    """A private note that belongs to a day of the picture; the same again within a minute is one note.

    `at` is when it was written, now but for invented courses.
    """
    take_turns(f"note {user.pk} {patient.pk}")
    lately = patient.private_notes.filter(author=user, at__gt=timezone.now() - TWICE)
    if twin := lately.filter(text=text, pinned_on=day).first():
        return twin
    note = PrivateNote(patient=patient, author=user, text=text, pinned_on=day, at=at or timezone.now())
    note.full_clean(exclude=["review"])
    note.save(force_insert=True)
    audit.record(user, "private note pinned", note, patient=patient.pk)
    return note
