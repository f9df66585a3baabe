"""Reading is limited in its pace."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.core import mail
from django.test import Client
from django.utils import timezone

from portal.models import User
from tracker import pace
from tracker.models import Patient

pytestmark = pytest.mark.django_db


def test_who_opens_very_many_records_is_stopped_and_told_on(
    sign_in: Callable[[User], Client],
    register: Callable[..., Patient],
    clinician: User,
    auditor: User,
    trail: Callable,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(pace, "LIMIT", 3)
    doctor, patients = sign_in(clinician), [register() for _ in range(4)]
    for known in [*patients[:3], *patients[:2]]:  # the same one again counts once, but none passes the limit
        last = doctor.get(f"/patients/{known.pk}/")
    assert last.status_code == 429
    answer = doctor.get(f"/patients/{patients[3].pk}/")
    assert (answer.status_code, answer["Retry-After"]) == (429, "600")
    assert patients[3].name not in answer.content.decode()
    assert len(trail(action="many records opened", actor_id=clinician.pk)) == 3
    assert [(letter.to, clinician.name in letter.body) for letter in mail.outbox] == [
        ([auditor.email], False)
    ]

    for page in ("flowsheet/", "entries/", "tags/", "episodes/new/", "due/"):
        assert doctor.get(f"/patients/{patients[3].pk}/{page}").status_code == 429, page

    later = timezone.now() + pace.WITHIN + timedelta(seconds=1)
    monkeypatch.setattr("django.utils.timezone.now", lambda: later)
    assert doctor.get(f"/patients/{patients[3].pk}/").status_code == 200


def test_reading_by_other_pages_counts_and_so_do_lines_taken_along(
    sign_in: Callable[[User], Client],
    register: Callable[..., Patient],
    clinician: User,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(pace, "LIMIT", 2)
    monkeypatch.setattr(pace, "TAKEN", 2)
    doctor, patients = sign_in(clinician), [register() for _ in range(3)]
    for known in patients[:2]:
        assert doctor.get(f"/patients/{known.pk}/flowsheet/").status_code == 200
    assert doctor.get(f"/patients/{patients[2].pk}/").status_code == 429
    ticked = {"patient": [str(known.pk) for known in patients]}
    assert doctor.post("/worklist/text/", ticked).status_code == 200
    assert doctor.post("/worklist/export.csv", ticked).status_code == 429
    assert doctor.get("/worklist/").status_code == 200
