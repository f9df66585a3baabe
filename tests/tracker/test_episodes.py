"""Episodes: set by a clinician, one open at a time, never rewritten in its beginning."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import DatabaseError, transaction
from django.test import Client
from django.utils import timezone

from portal.identity import acting_as
from portal.models import User
from tests.tracker.charting import address
from tracker import episodes
from tracker.models import Episode, Patient, PatientStatus

pytestmark = pytest.mark.django_db
TODAY = timezone.localdate
START = {"trigger": "infection", "treated_with": "Dexamethasone", "note": "Typed with care"}


@pytest.fixture
def doctor(clinician: User, sign_in: Callable[[User], Client]) -> Client:
    return sign_in(clinician)


def begin(days: int = 10, **fields: object) -> dict[str, object]:
    return {"started_on": TODAY() - timedelta(days=days), **START, **fields}


def ago(days: int) -> str:
    return (TODAY() - timedelta(days=days)).isoformat()


@pytest.fixture
def episode(doctor: Client, patient: Patient, clinician: User) -> Episode:
    assert doctor.post(address(patient, "episode-new"), begin()).status_code == 302
    with acting_as(clinician):
        return Episode.objects.get()


def test_an_episode_is_set_by_a_clinician(
    episode: Episode, doctor: Client, patient: Patient, clinician: User, trail: Callable
) -> None:
    assert (episode.set_by, episode.trigger, episode.returned_on) == (clinician, "infection", None)
    assert "set by you as a clinician" in doctor.get(address(patient, "episode-new")).content.decode()
    with acting_as(clinician):
        assert PatientStatus.objects.get().episode_since == episode.started_on
    assert trail(action="episode started", patient_id=patient.pk)


def test_one_is_open_at_a_time(episode: Episode, doctor: Client, patient: Patient, clinician: User) -> None:
    again = doctor.post(address(patient, "episode-new"), begin(), follow=True).content.decode()
    assert "This was saved already." in again, "a second tap"
    page = doctor.post(address(patient, "episode-new"), begin(3)).content.decode()
    assert "The patient has an open episode. End that one first" in page
    assert "Typed with care" in page
    with acting_as(clinician), pytest.raises(DatabaseError), transaction.atomic():
        Episode.objects.create(patient=patient, started_on=TODAY(), set_by=clinician)


def test_more_is_said_and_it_ends(
    episode: Episode, doctor: Client, patient: Patient, clinician: User, trail: Callable
) -> None:
    there = address(patient, "episode-edit", episode.pk)
    assert "Typed with care" in doctor.get(there).content.decode()
    told = {"trigger": "taper", "peak_on": ago(7), "peak_total": "11", "started_on": ago(400)}
    assert doctor.post(there, told).status_code == 302
    end = address(patient, "episode-end", episode.pk)
    assert doctor.post(end, {"returned_on": ago(1)}).status_code == 302
    again = doctor.post(end, {"returned_on": ago(1)}, follow=True)
    assert again.redirect_chain
    assert "This was saved already." in again.content.decode(), "a second tap"
    other = doctor.post(end, {"returned_on": ago(2)}).content.decode()
    assert "Somebody changed this in the meantime." in other
    with acting_as(clinician):
        now = Episode.objects.get()
        assert (now.started_on, now.trigger, now.peak_total) == (episode.started_on, "taper", 11)
        assert now.returned_on.isoformat() == ago(1)
        assert PatientStatus.objects.get().episode_since is None
    assert len(trail(action="episode changed", patient_id=patient.pk)) == 2


def test_an_ended_one_is_not_opened_beside_another(
    episode: Episode, doctor: Client, patient: Patient, clinician: User
) -> None:
    doctor.post(address(patient, "episode-end", episode.pk), {"returned_on": ago(5)})
    doctor.post(address(patient, "episode-new"), begin(2))
    page = doctor.post(address(patient, "episode-edit", episode.pk), {"trigger": "none", "returned_on": ""})
    assert "this one cannot be opened again" in page.content.decode()
    with acting_as(clinician), pytest.raises(episodes.AlreadyOpen):
        episodes.change_episode(clinician, episode, returned_on=None)


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"started_on": ""}, "Give the day on which it began."),
        ({"started_on": "2999-01-01"}, "This day has not come yet."),
        ({"started_on": "2001-01-01"}, "The patient was born on 1 May 2022."),
        ({"trigger": "moon"}, "Choose one of these."),
        ({"peak_total": "19"}, "Write a whole number from 0 to 18"),
        ({"peak_on": ago(11)}, "This is before it began."),
        ({"returned_on": ago(11)}, "This is before it began."),
        ({"returned_on": "2999-01-01"}, "This day has not come yet."),
        ({"peak_on": ago(1), "returned_on": ago(4)}, "not after the return"),
        ({"treated_with": "x" * 301}, "Shorten it to 300"),
        ({"note": "x" * 1001}, "Shorten it to 1000"),
    ],
)
def test_a_bad_value_gets_a_sentence_and_the_text_is_kept(
    typed: dict[str, str], sentence: str, doctor: Client, patient: Patient, clinician: User
) -> None:
    sent = begin(**typed)
    page = doctor.post(address(patient, "episode-new"), sent).content.decode()
    assert sentence in page
    assert str(sent["note"]) in page
    with acting_as(clinician):
        assert not Episode.objects.exists()


@pytest.mark.parametrize(
    ("day", "sentence"), [("", "Give the day"), (ago(11), "before it began"), (ago(8), "worst")]
)
def test_a_return_comes_last(
    day: str, sentence: str, episode: Episode, doctor: Client, patient: Patient, clinician: User
) -> None:
    with acting_as(clinician):
        episodes.change_episode(clinician, episode, peak_on=TODAY() - timedelta(days=7))
    page = doctor.post(address(patient, "episode-end", episode.pk), {"returned_on": day}).content.decode()
    assert sentence in page


@pytest.mark.parametrize(
    "columns", [{"peak_total": 19}, {"returned_on": "2001-01-01"}, {"peak_on": "2001-01-01"}]
)
def test_the_database_refuses_it_too(columns: dict[str, object], patient: Patient, clinician: User) -> None:
    with acting_as(clinician), pytest.raises(DatabaseError), transaction.atomic():
        Episode.objects.create(patient=patient, started_on=TODAY(), set_by=clinician, **columns)


def test_families_and_strangers_stay_out(
    episode: Episode, patient: Patient, family: User, colleague: User, sign_in: Callable
) -> None:
    for there in (address(patient, "episode-new"), address(patient, "episode-edit", episode.pk)):
        assert sign_in(family).get(there).status_code == 403
        assert sign_in(colleague).post(there, begin()).status_code == 404
