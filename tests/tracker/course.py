"""A long diary for tests of the picture, written as rows in bulk: the writer would take minutes."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import count
from uuid import uuid4
from zoneinfo import ZoneInfo

from django.utils import timezone

from portal.identity import acting_as, acting_for
from portal.models import User
from tests.tracker.diary import entry
from tracker import journal, scoring
from tracker.models import (
    Assessment,
    CheckIn,
    ClinicalEvent,
    ClinicianItem,
    ClinicianRating,
    Dose,
    DueItem,
    Episode,
    Flag,
    Mark,
    Measurement,
    Patient,
    PlannedStep,
    PrivateNote,
    Rating,
    Treatment,
)

ZONES = ("Europe/London", "America/New_York", "Pacific/Auckland")
CHECK_EVERY = 7
DOMAINS = [item.key for item in scoring.HOME_CHECK.items]
ITEMS = [item.key for item in scoring.DAILY.items]


def wave(day: int) -> int:
    """A total for a day that rises and falls, now and then to 14."""
    return (14 if 60 < day % 400 < 90 else 2) + day % 3


def diary(author: User, patient: Patient, days: int, *, a_day: int = 1, other: User | None = None) -> None:
    """A daily check-in for each of the last `days` days, `a_day` times, and a home check every week.

    Every 17th day stays empty, every fifth check is partial; `other` writes every third check.
    """
    told = [row for back in range(days) if back % 17 for row in _of_day(back, days, a_day)]
    for person, mine in ((author, False), (other, True)):
        rows = [row for row in told if row[1] is mine or (other is None and not mine)]
        if person is not None:
            _write(person, patient, rows)


def _of_day(back: int, days: int, a_day: int) -> list[tuple[int, bool, str, int]]:
    """(days ago, whether the other wrote it, kind, minute) of one day's entries."""
    rows = [(back, False, "daily", minute) for minute in range(a_day)]
    if back % CHECK_EVERY == 1:
        rows.append((back, (back // CHECK_EVERY) % 3 == 0, "home_check", 59))
    return rows


def _write(author: User, patient: Patient, told: list[tuple[int, bool, str, int]]) -> None:
    number, now = count(), timezone.now() - timedelta(hours=2)
    entries = [_entry(author, patient, now, *row, next(number)) for row in told]
    ratings, measured, scores = [], [], []
    for row, (back, _, kind, _) in zip(entries, told, strict=True):
        owner = {"patient": patient, "check_in": row}
        values = _values(kind, back)
        ratings += [Rating(**owner, item=item, value=value) for item, value in values.items()]
        if kind == "home_check":
            score = scoring.score(scoring.HOME_CHECK, values)
            facts = {"items": score.items, "rated": score.rated, "total": score.total}
            scores.append(Assessment(**owner, scale="home-check", version="1", **facts))
        else:
            sleep = Measurement(**owner, kind="sleep_hours", value=Decimal(10 - back % 4), unit="h")
            wakings = Measurement(**owner, kind="wakings", value=Decimal(back % 3), unit="{count}")
            measured += [sleep, wakings]
            if back % 6 == 0:
                warmth = Decimal("36.6") + Decimal(back % 5) / 2
                measured.append(Measurement(**owner, kind="temperature_c", value=warmth, unit="Cel"))
    with acting_as(author):
        CheckIn.objects.bulk_create(entries, 500)
        for rows in (ratings, measured, scores):
            if rows:
                type(rows[0]).objects.bulk_create(rows, 2000)


def _entry(
    author: User, patient: Patient, now: datetime, back: int, _: bool, kind: str, minute: int, number: int
) -> CheckIn:
    zone = ZONES[back // 120 % len(ZONES)]
    at = now - timedelta(days=back, minutes=minute)
    received = at + timedelta(days=5) if back % 23 == 22 else at
    return CheckIn(
        patient=patient,
        author=author,
        key=uuid4(),
        digest=f"{number:064x}",
        kind=kind,
        occurred_at=at,
        zone=zone,
        local_date=at.astimezone(ZoneInfo(zone)).date(),
        received_at=received,
        worried=back % 97 == 3 and kind == "daily" and minute == 0,
        all_doses=(back % 31 != 4) if kind == "daily" else None,
    )


def _values(kind: str, back: int) -> dict[str, int | None]:
    total = wave(back)
    if kind == "home_check":
        values: dict[str, int | None] = {}
        for item in DOMAINS:
            values[item] = min(3, total)
            total -= min(3, total)
        return {**values, "speech": None} if (back // CHECK_EVERY) % 5 == 4 else values
    level = min(3, total // 4)
    told: dict[str, int | None] = {item: max(0, level - place % 2) for place, item in enumerate(ITEMS)}
    return {**told, "mood": None} if back % 11 == 10 else told


def besides(doctor: User, family: User, patient: Patient, days: int) -> None:
    """Everything else that the picture draws, over the last `days` days."""
    today = timezone.localdate()
    with acting_as(doctor):
        journal.record(doctor, patient, uuid4(), entry(at=timezone.now() - timedelta(days=4)), by_phone=True)
        course = _treatments(doctor, patient, today, days)
        _events(doctor, patient, today, days)
        for back in range(20, days, 91):
            _rate(doctor, patient, today - timedelta(days=back), 4 + back % 9, back % 4 == 0)
        notes = [("Phoned: sleeps badly since the step.", 6), ("School asks for a letter.", 40)]
        for text, back in notes:
            PrivateNote.objects.create(
                patient=patient, author=doctor, text=text, pinned_on=today - timedelta(days=back)
            )
    _doses(family, patient, course)
    _flags(patient, today)


def _treatments(doctor: User, patient: Patient, today: date, days: int) -> Treatment:
    by = {"patient": patient, "recorded_by": doctor}
    start = today - timedelta(days=min(days - 1, 150))
    course = Treatment.objects.create(
        **by,
        agent="Prednisolone",
        form="taper",
        starts_on=start,
        amount=Decimal(20),
        unit="mg",
        doses_per_day=1,
    )
    for back, amount in ((90, 15), (45, 10), (8, 7), (-14, 5)):
        if today - timedelta(days=back) > start:
            PlannedStep.objects.create(
                patient=patient, treatment=course, on=today - timedelta(days=back), amount=amount, unit="mg"
            )
    for back in range(10, days, 28):
        on = today - timedelta(days=back)
        drip = {"amount": Decimal(1), "unit": "g/kg", "starts_on": on, "ends_on": on}
        Treatment.objects.create(**by, agent="IVIG", form="infusion", **drip)
    old = Treatment.objects.create(
        **by,
        agent="Clonazepam",
        form="daily",
        starts_on=start,
        amount=Decimal("0.25"),
        unit="mg",
        doses_per_day=2,
    )
    Treatment.objects.create(
        **by,
        agent="Clonazepam",
        form="daily",
        starts_on=today - timedelta(days=5),
        amount=Decimal("0.5"),
        unit="mg",
        doses_per_day=2,
        replaces=old,
    )
    return course


def _events(doctor: User, patient: Patient, today: date, days: int) -> None:
    told = [
        ("illness", 12, 9, "Cold with fever"),
        ("vaccination", 33, None, "Influenza"),
        ("fall", 3, None, ""),
    ]
    told += [
        ("hospital", 70 + year * 365, 62 + year * 365, "Admitted for a relapse")
        for year in range(days // 365)
    ]
    for kind, back, until, text in told:
        last = today - timedelta(days=until) if until is not None else None
        ClinicalEvent.objects.create(
            patient=patient,
            kind=kind,
            on=today - timedelta(days=back),
            until=last,
            text=text,
            recorded_by=doctor,
        )
    for year in range(1, days // 400 + 1):
        begun = today - timedelta(days=60 + 400 * year)
        whole = {"started_on": begun, "peak_on": begun + timedelta(days=10), "peak_total": 14}
        Episode.objects.create(
            patient=patient,
            set_by=doctor,
            returned_on=begun + timedelta(days=40),
            trigger="infection",
            **whole,
        )
    Episode.objects.create(patient=patient, set_by=doctor, started_on=today - timedelta(days=11))
    Mark.objects.create(
        patient=patient, name="immunosuppressed", starts_on=today - timedelta(days=90), set_by=doctor
    )
    DueItem.objects.create(patient=patient, kind="scan", due_on=today + timedelta(days=9), set_by=doctor)


def _rate(doctor: User, patient: Patient, on: date, total: int, partial: bool) -> None:
    items = [item.key for item in scoring.MITCHELL_PIKE.items]
    facts = {"rated": 5, "total": None} if partial else {"rated": 6, "total": total}
    rating = ClinicianRating.objects.create(
        patient=patient,
        rater=doctor,
        on=on,
        setting="clinic",
        scale="mitchell-pike",
        version="1",
        items=6,
        **facts,
    )
    left = total
    for place, item in enumerate(items):
        value = None if partial and place == 0 else min(3, left)
        left -= value or 0
        ClinicianItem.objects.create(patient=patient, rating=rating, item=item, value=value)


def _doses(family: User, patient: Patient, course: Treatment) -> None:
    with acting_as(family):
        for back, status, reason in (
            (2, "missed", ""),
            (5, "vomited", "after breakfast"),
            (9, "refused", ""),
        ):
            at = timezone.now() - timedelta(days=back)
            Dose.objects.create(
                patient=patient,
                treatment=course,
                author=family,
                key=uuid4(),
                status=status,
                reason=reason,
                occurred_at=at,
                zone="Europe/London",
                local_date=at.date(),
                received_at=at,
            )


def _flags(patient: Patient, today: date) -> None:
    with acting_for(patient.pk):
        newest = CheckIn.objects.filter(patient=patient).order_by("-occurred_at").first()
        told = [
            (
                "possible_change",
                3,
                "change",
                "Home check 7 against a usual 2, still so after 3 days; eyes rose.",
            ),
            ("missed_steroid", 4, "steroid", "Prednisolone was vomited on 2 days running."),
        ]
        for back, (kind, tier, rule, reason) in enumerate(told, 1):
            Flag.objects.create(
                patient=patient,
                kind=kind,
                tier=tier,
                rule=rule,
                version="1",
                on=today - timedelta(days=back * 4),
                raised_at=timezone.now() - timedelta(days=back * 4 - 1),
                reason=reason,
                evidence=[newest.pk] if newest else [],
            )
