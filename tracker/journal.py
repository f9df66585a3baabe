"""The only writers of the diary: insert-only, keyed, each one transaction."""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Model
from django.utils import timezone

from portal import audit
from portal.models import User
from tracker import redflags, scoring, status
from tracker.models import Assessment, CheckIn, Measurement, Message, Patient, Rating, Sign
from tracker.models.seats import Reach

# Every warning sign that can be ticked; `tracker.redflags.of_sign` says what each asks for.
SIGNS = frozenset(
    {*redflags.SEND_NOW, *redflags.CORTISOL, "severe_headache", "chickenpox_contact", "new_lump"}
)


class Conflict(Exception):
    """The same key was sent before with something else in it; nothing was stored."""


class Superseded(Conflict):
    """The entry was already replaced or marked in error by another tap; nothing was stored."""


class Closed(Exception):
    """The diary takes no entries of that day any more; nothing was stored."""


@dataclass(frozen=True)
class Entry:
    """What a family tells in one check-in.

    `ratings`: item -> 0-3, None for "cannot tell"; an item that was not asked is absent.
    `measurements`: kind -> number in the unit of `scoring.MEASUREMENTS`.
    `signs`: warning signs that were ticked, names of `SIGNS`.
    `occurred_at` is an instant, `zone` an IANA name, `local_date` the day as the family called it.
    """

    kind: str
    occurred_at: datetime
    zone: str
    local_date: date
    ratings: Mapping[str, int | None] = field(default_factory=dict)
    measurements: Mapping[str, Decimal] = field(default_factory=dict)
    worried: bool = False
    all_doses: bool | None = None
    note: str = ""
    audience: Reach = Reach.FAMILY
    signs: tuple[str, ...] = ()

    def digest(self) -> str:
        """SHA-256 over everything but the time of sending, in one canonical form.

        Without signs it is as it was before there were any: entries sent again must be known again.
        """
        told = {**vars(self), "ratings": dict(self.ratings), "measurements": dict(self.measurements)}
        if self.signs:
            told["signs"] = sorted(self.signs)
        else:
            del told["signs"]
        return hashlib.sha256(json.dumps(told, sort_keys=True, default=str).encode()).hexdigest()


@transaction.atomic
def record(
    user: User,
    patient: Patient,
    key: UUID,
    entry: Entry,
    *,
    replaces: CheckIn | None = None,
    by_phone: bool = False,
    received_at: datetime | None = None,
) -> CheckIn:
    """Store an entry once and read it back; the same key again gives the stored one.

    `received_at` is now, except for invented courses. Errors: Conflict when the key was used for
    something else; Superseded when `replaces` no longer stands; Closed for a day from which on the
    patient is no longer active; ValueError for a rating the scale does not have, or an unknown sign.
    """
    status.in_turn(patient)
    sent_before = CheckIn.objects.filter(author=user, key=key)  # it was taken, whatever came since
    if not patient.takes_entries_of(entry.local_date) and not sent_before.exists():
        raise Closed
    draft = _draft(user, patient, key, entry, received_at or timezone.now())
    draft.by_phone, draft.replaces = by_phone, replaces
    # Two taps at once: the constraint decides, not a look beforehand.
    stored = _insert_once(draft)
    if stored.pk != draft.pk:
        return _same(stored, draft)
    _store_details([(stored, entry)])
    # An invented course is flagged once, at its end.
    (status.refresh if received_at is None else status.recount)(patient)
    audit.record(user, "check-in recorded", stored, patient=patient.pk)
    return stored


@transaction.atomic
def record_course(user: User, patient: Patient, told: Sequence[tuple[UUID, Entry, datetime]]) -> None:
    """Store an invented course's entries by one author: key, entry, when it was received.

    All at once and each as `record` does, but that the status is for the caller to recount, once. Errors:
    IntegrityError for a key that was used, Closed and ValueError as there.
    """
    status.in_turn(patient)
    if any(not patient.takes_entries_of(entry.local_date) for _, entry, _ in told):
        raise Closed
    drafts = [_draft(user, patient, *each) for each in told]
    CheckIn.objects.bulk_create(drafts)
    _store_details([(draft, entry) for draft, (_, entry, _) in zip(drafts, told, strict=True)])
    audit.record_each(user, "check-in recorded", drafts, patient=patient.pk)


PLAIN = ("kind", "occurred_at", "zone", "local_date", "worried", "all_doses", "note", "audience")


def _draft(user: User, patient: Patient, key: UUID, entry: Entry, received_at: datetime) -> CheckIn:
    plain = {name: getattr(entry, name) for name in PLAIN}
    return CheckIn(
        patient=patient, author=user, key=key, digest=entry.digest(), received_at=received_at, **plain
    )


def _same(stored: CheckIn, draft: CheckIn) -> CheckIn:
    """What was stored before under the draft's key. Errors: Conflict when the draft says something else."""
    names = ("digest", "patient_id", "replaces_id")
    if any(getattr(stored, name) != getattr(draft, name) for name in names):
        raise Conflict
    return stored


def _insert_once(draft: CheckIn) -> CheckIn:
    """Insert unless the key is known; give what the table then holds under it.

    Errors: Superseded when the insert met the one other constraint, a second replacement.
    """
    CheckIn.objects.bulk_create([draft], ignore_conflicts=True)
    stored = CheckIn.objects.filter(author=draft.author, key=draft.key).first()
    if stored is None:
        raise Superseded
    return stored


def _store_details(told: Sequence[tuple[CheckIn, Entry]]) -> None:
    """Errors: ValueError for a rating the scale does not have, or an unknown sign."""
    details: dict[type[Model], list[Any]] = {Sign: [], Rating: [], Measurement: [], Assessment: []}
    for check_in, entry in told:
        for row in _details(check_in, entry):
            details[type(row)].append(row)
    for kind, rows in details.items():
        kind._default_manager.bulk_create(rows)


def _details(check_in: CheckIn, entry: Entry) -> Iterator[Model]:
    scale = scoring.SCALES[entry.kind]
    result = scoring.score(scale, entry.ratings)
    owner = {"patient_id": check_in.patient_id, "check_in": check_in}
    if unknown := set(entry.signs) - SIGNS:
        raise ValueError(f"There is no sign {sorted(unknown)}.")
    yield from (Sign(**owner, name=name) for name in sorted(set(entry.signs)))
    yield from (Rating(**owner, item=item, value=value) for item, value in entry.ratings.items())
    for kind, value in entry.measurements.items():
        yield Measurement(**owner, kind=kind, value=value, unit=scoring.MEASUREMENTS[kind][0])
    if scale.scored:
        yield Assessment(**owner, scale=scale.code, version=scale.version, **vars(result))


@transaction.atomic
def mark_in_error(user: User, check_in: CheckIn, reason: str) -> CheckIn:
    """Say that an entry should not stand; both stay visible to clinicians. Again does no harm.

    Errors: Superseded when it was corrected in the meantime.
    """
    status.in_turn(check_in.patient)
    draft = CheckIn(
        patient_id=check_in.patient_id,
        author=user,
        key=check_in.pk,  # once an entry and author, whatever is tapped twice
        digest="",
        received_at=timezone.now(),
        replaces=check_in,
        error_reason=reason,
        **{
            name: getattr(check_in, name)
            for name in ("kind", "occurred_at", "zone", "local_date", "audience")
        },
    )
    marker = _insert_once(draft)
    if marker.pk == draft.pk:
        status.refresh(check_in.patient)
        audit.record(user, "check-in marked in error", check_in, patient=check_in.patient_id)
    return marker


@transaction.atomic
def send_message(user: User, patient: Patient, text: str) -> Message:
    """Leave a message beside the diary; the same words again within a minute are one message.

    It is sent in the diary's turn: a sign-off in the same moment covers it or leaves it new.
    """
    status.in_turn(patient)
    since = timezone.now() - timedelta(minutes=1)
    sent = Message.objects.of_family().filter(patient=patient, author=user, text=text, at__gt=since)
    if (twin := sent.first()) is not None:
        return twin
    message = Message.objects.create(patient=patient, author=user, text=text)
    status.recount(patient)
    audit.record(user, "message sent", message, patient=patient.pk)
    return message
