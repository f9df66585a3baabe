"""A clinician's rating: total only when whole, corrected by a new one, never a home check's neighbour."""

from collections.abc import Callable
from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import DatabaseError, transaction
from django.test import Client
from django.utils import timezone

from portal.identity import acting_as
from portal.models import User
from tests.tracker.charting import ITEMS, address, rating
from tracker import ratings, scoring, taps
from tracker.forms.days import today_of
from tracker.models import ClinicianItem, ClinicianRating, Patient

pytestmark = pytest.mark.django_db


@pytest.fixture
def doctor(clinician: User, sign_in: Callable[[User], Client]) -> Client:
    return sign_in(clinician)


def stored(user: User) -> list[ClinicianRating]:
    with acting_as(user):
        return list(ClinicianRating.objects.order_by("at"))


def test_no_item_of_the_scale_is_a_home_checks() -> None:
    home = {item.key for scale in scoring.SCALES.values() for item in scale.items}
    assert home.isdisjoint(ITEMS)
    assert scoring.MITCHELL_PIKE.code not in {scale.code for scale in scoring.SCALES.values()}
    assert "mitchell-pike" not in scoring.SCALES  # so that no diary entry is scored on it


def test_a_rating_is_stored_with_rater_scale_and_version(
    doctor: Client, patient: Patient, clinician: User, trail: Callable
) -> None:
    there = address(patient, "rate")
    empty = doctor.get(there)
    assert "in our own words and not validated" in empty.content.decode()
    assert empty.context["form"]["on"].initial == today_of(patient)
    sent = rating(mp_gait="2", note="Seen with the physiotherapist", rater=999, total="18")
    assert doctor.post(there, sent).status_code == 302
    assert doctor.post(there, sent).status_code == 302, "a second tap"
    (told,) = stored(clinician)
    assert (told.total, told.rated, told.items) == (7, 6, 6)
    assert (told.rater, told.scale, told.version) == (clinician, "mitchell-pike", "1")
    assert len(trail(action="clinician rating recorded", patient_id=patient.pk)) == 1
    assert trail(action="chart opened", patient_id=patient.pk)


def test_not_assessable_leaves_no_total(doctor: Client, patient: Patient, clinician: User) -> None:
    doctor.post(address(patient, "rate"), rating(mp_gait="unsure"))
    (told,) = stored(clinician)
    assert (told.total, told.rated) == (None, 5)
    with acting_as(clinician):
        assert ClinicianItem.objects.get(item="mp_gait").value is None
    page = doctor.post(address(patient, "rate"), rating(mp_gait="unsure", do="preview")).content.decode()
    assert "Preview: 5 of 6 items, so no total" in page
    assert "Not assessable" in page


def test_the_preview_says_it_and_saves_nothing(doctor: Client, patient: Patient, clinician: User) -> None:
    page = doctor.post(address(patient, "rate"), rating(do="preview", note="As typed")).content.decode()
    assert "Preview: 6 of 18" in page
    assert "As typed" in page
    assert not stored(clinician)


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"on": ""}, "Give the day on which the patient was seen."),
        ({"on": "2999-01-01"}, "This day has not come yet."),
        ({"on": "2001-01-01"}, "The patient was born on 1 May 2022."),
        ({"on": "soon"}, "year-month-day"),
        ({"setting": ""}, "Choose where the patient was seen."),
        ({"setting": "pub"}, "Choose one of these."),
        ({"mp_stance": ""}, "Rate this item, or say that it is not assessable."),
        ({"mp_stance": "4"}, "Choose one of the answers shown here."),
        ({"note": "x" * 1001}, "Shorten it to 1000"),
        ({"key": "x"}, "Not saved yet"),
    ],
)
def test_a_bad_value_gets_a_sentence_and_the_text_is_kept(
    typed: dict[str, str], sentence: str, doctor: Client, patient: Patient, clinician: User
) -> None:
    sent = {**rating(note="Typed with care"), **typed}
    page = doctor.post(address(patient, "rate"), sent).content.decode()
    assert sentence in page
    assert str(sent["note"]) in page
    assert not stored(clinician)


def test_a_correction_is_a_new_rating_and_both_stay(
    doctor: Client, patient: Patient, clinician: User
) -> None:
    doctor.post(address(patient, "rate"), rating())
    (first,) = stored(clinician)
    there = address(patient, "correct-rating", first.pk)
    assert doctor.get(there).content.decode().count("checked") == 7, "six items and the place"
    sent = rating(mp_mood="3")
    assert doctor.post(there, sent).status_code == 302
    again = doctor.post(there, sent, follow=True)
    assert again.redirect_chain
    assert "This was saved already." in again.content.decode(), "a second tap"
    earlier, later = stored(clinician)
    assert (earlier.total, later.total, later.replaces_id) == (6, 8, earlier.pk)
    with acting_as(clinician):
        assert list(ClinicianRating.objects.standing()) == [later]
    other = doctor.post(there, rating(note="Typed with care")).content.decode()
    assert "Somebody changed this in the meantime." in other
    assert "Typed with care" in other
    assert doctor.get(there).status_code == 404, "it no longer stands"


def test_marked_in_error_with_a_reason(
    doctor: Client, patient: Patient, clinician: User, trail: Callable
) -> None:
    doctor.post(address(patient, "rate"), rating())
    (wrong,) = stored(clinician)
    there = address(patient, "rating-mistake", wrong.pk)
    assert "Write why, in a sentence." in doctor.post(there, {"reason": ""}).content.decode()
    assert doctor.post(there, {"reason": "Another child’s"}).status_code == 302
    again = doctor.post(there, {"reason": "Another child’s"}, follow=True)
    assert again.redirect_chain
    assert "This was saved already." in again.content.decode(), "a second tap"
    with acting_as(clinician):
        assert not ClinicianRating.objects.standing()
        with pytest.raises(taps.Repeated):
            ratings.mark_rating_in_error(clinician, wrong, "Again")
        marker = ClinicianRating.objects.get(replaces=wrong)
        assert (marker.error_reason, marker.total, marker.rated) == ("Another child’s", None, 0)
        with pytest.raises(taps.Superseded):
            ratings.rate(clinician, patient, uuid4(), told(), replaces=wrong)
    assert trail(action="clinician rating marked in error", patient_id=patient.pk)


def told(**scores: int | None) -> ratings.Rated:
    """Six items of 1."""
    return ratings.Rated(timezone.localdate(), "clinic", {**dict.fromkeys(ITEMS, 1), **scores})


def test_the_writer_refuses_what_the_form_never_sends(patient: Patient, clinician: User) -> None:
    with acting_as(clinician):
        key = uuid4()
        first = ratings.rate(clinician, patient, key, told())
        with pytest.raises(taps.Conflict):
            ratings.rate(clinician, patient, key, told(mp_gait=3))
        ratings.rate(clinician, patient, uuid4(), told(), replaces=first)
        with pytest.raises(taps.Superseded):
            ratings.mark_rating_in_error(clinician, first, "Too late")
        with pytest.raises(ValueError, match="no rating"):
            ratings.rate(clinician, patient, uuid4(), told(gait=1))


def test_anothers_key_is_no_door(
    patient: Patient, clinician: User, colleague: User, register: Callable[..., Patient]
) -> None:
    with acting_as(clinician):
        key = ratings.rate(clinician, patient, uuid4(), told()).pk
    theirs = register(colleague)
    with acting_as(colleague), pytest.raises(taps.Conflict):
        ratings.rate(colleague, theirs, key, told())


@pytest.mark.parametrize(
    "columns",
    [
        {"total": 5, "rated": 5},
        {"total": None, "rated": 6},
        {"total": 19, "rated": 6},
        {"scale": "home-check"},
        {"setting": "pub"},
        {"error_reason": "x"},
    ],
)
def test_the_database_refuses_it_too(columns: dict[str, object], patient: Patient, clinician: User) -> None:
    plain = {"items": 6, "rated": 6, "total": 6, "scale": "mitchell-pike", "version": "1"}
    row = {**plain, "setting": "clinic", "on": timezone.localdate(), **columns}
    with acting_as(clinician), pytest.raises(DatabaseError), transaction.atomic():
        ClinicianRating.objects.create(patient=patient, rater=clinician, **row)


def test_families_and_strangers_stay_out(
    patient: Patient, family: User, colleague: User, sign_in: Callable[[User], Client]
) -> None:
    there = address(patient, "rate")
    assert sign_in(family).get(there).status_code == 403
    assert (
        sign_in(colleague).post(there, rating(on=timezone.localdate() - timedelta(days=1))).status_code == 404
    )
