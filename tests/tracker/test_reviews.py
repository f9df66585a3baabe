"""Signing off, taking it back, handing over: what stands afterwards, and what is refused with a sentence."""

import inspect
import json
import re
from collections.abc import Callable
from datetime import timedelta
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
from django.db import DatabaseError, ProgrammingError, connection, transaction
from django.test import Client
from django.utils import timezone

from portal.identity import acting_as
from portal.middleware import counted_queries
from portal.models import AuditEvent, User
from tests.tracker.charting import address
from tests.tracker.diary import check_in
from tracker import leads, people, reviews, tasks
from tracker.models import Message, Patient, PatientStatus, PrivateNote, Review, ReviewUndoing, Seat
from tracker.models.seats import Basis
from tracker.reviews import Verdict
from tracker.urls import urlpatterns
from tracker.views import refused

pytestmark = pytest.mark.django_db
NOTED = Verdict("noted")


@pytest.fixture
def told(patient: Patient, family: User) -> Patient:
    """A patient with one entry that nobody has looked at."""
    with acting_as(family):
        check_in(family, patient, note="Wobbly")
    return patient


def sign(user: User, patient: Patient, verdict: Verdict = NOTED) -> Review:
    with acting_as(user):
        newest = max(patient.check_ins.values_list("received_at", flat=True))
        return reviews.sign_off(user, patient, verdict, covers_until=newest)


def waiting(user: User, patient: Patient) -> int:
    with acting_as(user):
        return PatientStatus.objects.get(patient=patient).unreviewed


def form_of(browser: object, patient: Patient, **typed: str) -> dict[str, str]:
    """The hidden fields of the patient page's form, and what was typed."""
    form = browser.get(f"/patients/{patient.pk}/").context["form"]
    hidden = {name: str(form.initial[name] or "") for name in ("covers_until", "knows")}
    return {**hidden, "outcome": "noted", **typed}


def test_a_review_taken_back_opens_everything_again(
    told: Patient, clinician: User, sign_in: Callable
) -> None:
    review, browser = sign(clinician, told), sign_in(clinician)
    assert waiting(clinician, told) == 0
    page = browser.get(f"/patients/{told.pk}/").content.decode()
    assert f"/review/{review.pk}/undo/" in page
    browser.post(f"/patients/{told.pk}/review/{review.pk}/undo/")
    assert waiting(clinician, told) == 1
    assert "taken back" in browser.get(f"/patients/{told.pk}/").content.decode()


def test_the_family_no_longer_reads_that_it_was_seen(
    told: Patient, clinician: User, family: User, sign_in: Callable
) -> None:
    review = sign(clinician, told)
    assert "Seen by" in sign_in(family).get(f"/log/{told.pk}/").content.decode()
    with acting_as(clinician):
        reviews.undo(clinician, review)
    assert "Seen by" not in sign_in(family).get(f"/log/{told.pk}/").content.decode()


def test_its_message_says_that_it_was_taken_back(
    told: Patient, clinician: User, family: User, sign_in: Callable
) -> None:
    """Above all to the family, who may read what was meant for somebody else's child."""
    sign(clinician, told, Verdict("contacted", message="Thank you for last week."))
    with acting_as(family):
        check_in(family, told)
    review = sign(clinician, told, Verdict("visit", message="Come on Monday."))
    pages = (
        (family, f"/log/{told.pk}/"),
        (family, f"/log/{told.pk}/messages/"),
        (clinician, f"/patients/{told.pk}/"),
    )
    words = "The clinic took this message back on "
    for reader, there in pages:
        assert words not in sign_in(reader).get(there).content.decode()
    sign_in(clinician).post(f"/patients/{told.pk}/review/{review.pk}/undo/")
    with acting_as(clinician):
        at = ReviewUndoing.objects.get().at.astimezone(ZoneInfo(told.zone))
    for reader, there in pages:
        page = sign_in(reader).get(there).content.decode()
        after = page.split("Come on Monday.")[1]
        assert f"{words}{at:%-d %b %Y, %H:%M}" in after.split("Thank you for last week.")[0]
        assert page.count(words) == 1


def test_only_the_same_person_on_the_same_day(
    told: Patient, clinician: User, colleague: User, sign_in: Callable, monkeypatch: pytest.MonkeyPatch
) -> None:
    review = sign(clinician, told)
    with acting_as(clinician):
        people.join_team(clinician, told, colleague)
    answer = sign_in(colleague).post(f"/patients/{told.pk}/review/{review.pk}/undo/", follow=True)
    assert "Only who signed it" in answer.content.decode()
    tomorrow = timezone.now() + timedelta(days=1)
    monkeypatch.setattr("tracker.reviews.timezone.now", lambda: tomorrow)
    with acting_as(clinician), pytest.raises(reviews.TooLate):
        reviews.undo(clinician, review)
    assert waiting(clinician, told) == 0


def test_the_database_refuses_to_undo_for_another(told: Patient, clinician: User, colleague: User) -> None:
    review = sign(clinician, told)
    with acting_as(clinician):
        people.join_team(clinician, told, colleague)
    with acting_as(colleague), pytest.raises(ProgrammingError), transaction.atomic():
        ReviewUndoing.objects.create(patient=told, review=review, by=colleague)
    with acting_as(clinician):
        assert Review.objects.standing().count() == 1


def test_no_review_covers_what_has_not_come(told: Patient, clinician: User) -> None:
    ahead = timezone.now() + timedelta(days=400)
    with acting_as(clinician), pytest.raises(DatabaseError), transaction.atomic():
        Review.objects.create(
            patient=told, reviewer=clinician, outcome="noted", at=ahead, covers_until=ahead, snapshot=""
        )


def test_a_second_look_from_an_old_page_can_still_be_signed(
    told: Patient, clinician: User, sign_in: Callable
) -> None:
    browser, there = sign_in(clinician), f"/patients/{told.pk}/review/"
    first = {"outcome": "noted", "covers_until": timezone.now().isoformat(), "knows": ""}
    assert browser.post(there, first).status_code == 302
    answer = browser.post(there, {**first, "private_note": "And one more thing."})
    page = answer.content.decode()
    assert "Sign off again to add it." in page
    assert "And one more thing." in page
    again = {name: answer.context["form"].data[name] for name in ("outcome", "covers_until", "private_note")}
    assert browser.post(there, again).status_code == 302
    with acting_as(clinician):
        assert [note.text for note in PrivateNote.objects.all()] == ["And one more thing."]


def test_what_was_seen_can_be_proved_later(told: Patient, clinician: User, family: User) -> None:
    review = sign(clinician, told)
    with acting_as(family):
        check_in(family, told, note="Later, and about an earlier day")
    with acting_as(clinician):
        assert reviews.is_as_seen(review)
        Review.objects.all()  # the row itself never changes: only another digest would
        review.snapshot = "0" * 64
        assert not reviews.is_as_seen(review)


def test_handing_over_signs_nothing_off_and_changes_the_lead(
    told: Patient, clinician: User, colleague: User, sign_in: Callable
) -> None:
    browser = sign_in(clinician)
    typed = form_of(browser, told, outcome="handed", handed_to=str(colleague.pk), private_note="Please look")
    browser.post(f"/patients/{told.pk}/review/", typed)
    assert waiting(clinician, told) == 1
    with acting_as(colleague):
        assert Patient.objects.get(pk=told.pk).lead == colleague
        assert PrivateNote.objects.get().text == "Please look"
        assert Seat.objects.filter(patient=told, user=colleague, basis=Basis.CARE_TEAM).exists()


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ({"outcome": "handed"}, "Choose the colleague who takes over."),
        ({"next_on": "2020-01-01"}, "Choose a day after today and within a year."),
        ({"next_on": "soon"}, "Give the day as year-month-day"),
        ({"outcome": ""}, "Choose what came of the look."),
        ({"covers_until": ""}, "no longer knows what it covers"),
        ({"private_note": "x" * 4001}, "This is too long: 4001 letters."),
        ({"covers_until": "2999-01-01T00:00:00Z"}, "A sign-off covers the past."),
    ],
)
def test_a_mistake_is_told_and_the_text_is_kept(
    told: Patient, clinician: User, sign_in: Callable, typed: dict, words: str
) -> None:
    browser = sign_in(clinician)
    body = form_of(browser, told, message="Kept words", **typed)
    page = browser.post(f"/patients/{told.pk}/review/", body).content.decode()
    assert words in page
    assert "Kept words" in page
    assert "maxlength" not in page  # it would cut a long text without a word
    assert waiting(clinician, told) == 1


def test_two_who_sign_at_once_hear_of_each_other(
    told: Patient, clinician: User, colleague: User, sign_in: Callable
) -> None:
    with acting_as(clinician):
        people.join_team(clinician, told, colleague)
    mine, yours = sign_in(clinician), sign_in(colleague)
    body = form_of(mine, told, private_note="My own words")
    yours.post(f"/patients/{told.pk}/review/", form_of(yours, told, outcome="visit"))
    answer = mine.post(f"/patients/{told.pk}/review/", body)
    page = answer.content.decode()
    assert "signed this off while your page was open: Needs a visit" in page
    assert "My own words" in page
    again = {**body, "knows": str(answer.context["form"].data["knows"])}
    assert mine.post(f"/patients/{told.pk}/review/", again).status_code == 302
    with acting_as(clinician):
        assert Review.objects.standing().count() == 2


NUMBERED = (
    "episode-edit",
    "episode-end",
    "plan-change",
    "plan-stop",
    "dose",
    "mark-end",
    "due-done",
    "due-drop",
)
TREATING = [
    *((name, ()) for name in ("review", "rate", "episode-new", "plan", "mark", "due", "tags", "pin")),
    *((name, (1,)) for name in NUMBERED),
    *((name, (uuid4(),)) for name in ("correct-rating", "rating-mistake")),
]


@pytest.mark.parametrize(("name", "rest"), TREATING)
def test_who_lost_the_seat_meanwhile_keeps_the_text(
    told: Patient, clinician: User, colleague: User, sign_in: Callable, name: str, rest: tuple[object, ...]
) -> None:
    with acting_as(clinician):
        people.join_team(clinician, told, colleague)
    browser, there = sign_in(colleague), address(told, name, *rest)
    body = form_of(browser, told, private_note="Do not <b>lose</b> me", step_on_0="2026-12-01", agent="")
    with acting_as(clinician):
        people.end_seat(clinician, Seat.objects.get(user=colleague, patient=told))
    answer = browser.post(there, body)
    page = answer.content.decode()
    assert answer.status_code == 404
    assert "Private note: Do not &lt;b&gt;lose&lt;/b&gt; me" in page
    assert "Step on 0: 2026-12-01" in page
    assert "Agent" not in page
    assert body["covers_until"] not in page
    assert "somebody may have ended yours" in page
    assert browser.get(there).status_code == 404
    assert "Nothing was saved" not in browser.get(there).content.decode()
    with acting_as(clinician):
        assert not Review.objects.exists()


@pytest.mark.parametrize(("name", "rest"), TREATING)
def test_who_lost_the_role_meanwhile_keeps_the_text(
    told: Patient,
    clinician: User,
    appoint: Callable,
    sign_in: Callable,
    name: str,
    rest: tuple[object, ...],
) -> None:
    browser = sign_in(clinician)
    body = form_of(browser, told, private_note="Do not lose me")
    appoint(clinician, roles=["editor"])
    answer = sign_in(clinician).post(address(told, name, *rest), body)
    assert answer.status_code == 403
    assert "Do not lose me" in answer.content.decode()
    assert "somebody may have changed it" in answer.content.decode()


def test_every_form_that_keeps_its_text_is_asked() -> None:
    def keeps(view: Callable) -> bool:
        return view.__code__.co_filename == refused.__file__

    keeping = {path.name for path in urlpatterns if keeps(inspect.unwrap(path.callback, stop=keeps))}
    assert keeping == {name for name, _ in TREATING}


def test_the_next_review_is_due_when_it_says(told: Patient, clinician: User) -> None:
    day = timezone.localdate() + timedelta(days=10)
    sign(clinician, told, Verdict("watch", next_on=day))
    with acting_as(clinician):
        assert PatientStatus.objects.get(patient=told).review_due_on == day


def moved(user: User, patient: Patient) -> PatientStatus:
    with acting_as(user):
        return PatientStatus.objects.get(patient=patient)


def test_who_stopped_reporting_long_ago_can_be_signed_off(
    patient: Patient, clinician: User, family: User, sign_in: Callable
) -> None:
    """Silent and reviewed so long ago that the page reads no entry at all."""
    with acting_as(family):
        ago = timezone.now() - timedelta(days=100)
        check_in(family, patient, at=ago, received_at=ago)
    with acting_as(clinician):
        then = timezone.now() - timedelta(days=60)
        reviews.sign_off(clinician, patient, NOTED, covers_until=ago, at=then)
    assert moved(clinician, patient).review_due_on < timezone.localdate()
    browser, day = sign_in(clinician), timezone.localdate() + timedelta(days=7)
    body = form_of(browser, patient, outcome="contacted", message="Are you well?", next_on=f"{day}")
    assert browser.post(f"/patients/{patient.pk}/review/", body).status_code == 302
    assert moved(clinician, patient).review_due_on == day
    with acting_as(family):
        assert Message.objects.get().text == "Are you well?"


def test_who_never_began_can_be_signed_off_and_what_comes_is_new(
    patient: Patient, clinician: User, family: User, sign_in: Callable
) -> None:
    browser, day = sign_in(clinician), timezone.localdate() + timedelta(days=7)
    body = form_of(browser, patient, next_on=f"{day}")
    with acting_as(family):  # under way when the page was opened
        check_in(family, patient, received_at=timezone.now() - timedelta(seconds=5))
    assert browser.post(f"/patients/{patient.pk}/review/", body).status_code == 302
    status = moved(clinician, patient)
    assert (status.review_due_on, status.unreviewed) == (day, 1)


def handed_on(browser: Client, patient: Patient, to: User) -> str:
    """Hand over by the form; where it is taken back."""
    typed = form_of(browser, patient, outcome="handed", handed_to=str(to.pk))
    assert browser.post(f"/patients/{patient.pk}/review/", typed).status_code == 302
    page = browser.get(f"/patients/{patient.pk}/").content.decode()
    return re.search(rf"/patients/{patient.pk}/review/\d+/undo/", page)[0]


@pytest.mark.parametrize("meanwhile", ["nothing", "left", "signed in again", "handed on"])
def test_a_handing_over_taken_back_gives_the_patient_back_to_the_former_lead(
    told: Patient, clinician: User, colleague: User, doctor_parent: User, sign_in: Callable, meanwhile: str
) -> None:
    """Not to whoever took it back; but a patient whose former lead nobody knows is not left to nobody."""
    with acting_as(clinician):
        leads.lead(clinician, told, colleague)
    browser = sign_in(clinician)
    there = handed_on(browser, told, doctor_parent)
    with acting_as(clinician):
        assert Patient.objects.get(pk=told.pk).lead == doctor_parent
        if meanwhile == "left":
            people.end_seat(clinician, Seat.objects.get(user=colleague, patient=told))
        if meanwhile == "handed on":
            leads.lead(clinician, told, clinician)
    if meanwhile == "signed in again":
        browser = sign_in(clinician)
    browser.post(there)
    leader = {"nothing": colleague, "left": None}.get(meanwhile, clinician)
    with acting_as(clinician):
        assert Patient.objects.get(pk=told.pk).lead == leader


def test_a_list_is_handed_over(told: Patient, clinician: User, colleague: User, sign_in: Callable) -> None:
    browser = sign_in(clinician)
    page = browser.get("/hand-over/")
    assert told.name in page.content.decode()
    typed = {"clinic": str(told.clinic_id), "patients": [str(told.pk)], "colleague": str(colleague.pk)}
    answer = browser.post("/hand-over/", typed, follow=True)
    assert "1 patient was handed over to" in answer.content.decode()
    with acting_as(colleague):
        assert Patient.objects.get(pk=told.pk).lead == colleague
    page = browser.post("/hand-over/", {"clinic": str(told.clinic_id)}).content.decode()
    assert "Choose at least one patient." in page
    assert f"Led by {colleague}" in page


def test_what_a_colleague_leads_or_nobody_does_is_taken_over(
    told: Patient, clinician: User, colleague: User, sign_in: Callable, seat: Callable
) -> None:
    """Who is ill cannot hand over, and who has left is still written down as the lead."""
    doctor, taking = sign_in(clinician), {"clinic": str(told.clinic_id), "patients": [str(told.pk)]}
    with acting_as(clinician):
        leads.lead(clinician, told, colleague)
    assert f"Led by {colleague}" in doctor.get("/hand-over/").content.decode()
    answer = doctor.post("/hand-over/", {**taking, "colleague": str(clinician.pk)}, follow=True)
    assert "1 patient was handed over to you." in answer.content.decode()
    with acting_as(clinician):
        leads.lead(clinician, told, colleague)
        people.end_seat(clinician, Seat.objects.get(user=colleague, patient=told))
    assert "Led by nobody" in doctor.get("/hand-over/").content.decode()
    assert told.name in doctor.get("/worklist/?owner=nobody").content.decode()
    doctor.post("/hand-over/", {**taking, "colleague": str(clinician.pk)})
    assert told.name not in doctor.get("/worklist/?owner=nobody").content.decode()
    assert told.name in doctor.get("/worklist/?owner=me").content.decode()


def test_nobody_is_taken_from_who_took_over_meanwhile(
    told: Patient, clinician: User, colleague: User, sign_in: Callable
) -> None:
    doctor = sign_in(clinician)
    (form,) = doctor.get("/hand-over/").context["forms"]
    sent = {"clinic": str(told.clinic_id), "patients": [str(told.pk)], "led": form["led"].value()}
    with acting_as(clinician):
        leads.lead(clinician, told, colleague)
    answer = doctor.post("/hand-over/", {**sent, "colleague": clinician.pk})
    assert f"Led by somebody else meanwhile: {told.name}." in answer.content.decode()
    with acting_as(clinician):
        assert Patient.objects.get(pk=told.pk).lead == colleague
        lines = AuditEvent.objects.filter(action="patient handed over").count()
    looked = {"led": json.dumps({str(told.pk): colleague.pk}), "colleague": colleague.pk}
    answer = doctor.post("/hand-over/", {**sent, **looked}, follow=True)
    assert f"Nobody new was handed over to {colleague}." in answer.content.decode()
    with acting_as(clinician):
        assert AuditEvent.objects.filter(action="patient handed over").count() == lines


def test_the_clinic_hears_each_week_of_patients_whom_nobody_leads(
    told: Patient, clinician: User, colleague: User, mailoutbox: list
) -> None:
    tasks.tell_of_unled(timestamp=0)
    assert mailoutbox == []
    with acting_as(clinician):
        leads.lead(clinician, told, colleague)
        people.end_seat(clinician, Seat.objects.get(user=colleague, patient=told))
    tasks.tell_of_unled(timestamp=0)
    assert clinician.email in {to for mail in mailoutbox for to in mail.to}
    assert all("1 patient is without a lead" in mail.body for mail in mailoutbox)
    assert not any(told.name.split()[0] in mail.subject + mail.body for mail in mailoutbox)


def test_nobody_hands_over_what_is_not_theirs(
    told: Patient, clinician: User, colleague: User, stranger: User, sign_in: Callable
) -> None:
    typed = {"clinic": str(told.clinic_id), "patients": [str(told.pk)], "colleague": str(clinician.pk)}
    sign_in(stranger).post("/hand-over/", typed)
    with acting_as(clinician):
        assert Patient.objects.get(pk=told.pk).lead == clinician


def test_a_message_of_a_review_reaches_the_family_once(told: Patient, clinician: User) -> None:
    sign(clinician, told, Verdict("contacted", message="We called"))
    with acting_as(clinician):
        assert Message.objects.get().review.outcome == "contacted"
        with pytest.raises(reviews.AlreadySigned):
            sign(clinician, told)


def test_a_sign_off_costs_the_same_for_ten_and_two_hundred_entries(
    patient: Patient, clinician: User, family: User, sign_in: Callable
) -> None:
    browser = sign_in(clinician)
    there = f"/patients/{patient.pk}/review/"

    def queries(number: int) -> int:
        with acting_as(family):
            for _ in range(number):
                check_in(family, patient)
        typed = form_of(browser, patient, message=f"Seen {number}", private_note=f"Note {number}")
        with counted_queries() as count:
            assert browser.post(there, typed).status_code == 302
        return count[0]

    few = queries(10)
    assert queries(190) == few <= 30


def test_flags_and_reviews_have_no_other_door(told: Patient, clinician: User) -> None:
    """A review cannot be rewritten to cover more than was seen."""
    sign(clinician, told)
    refused = pytest.raises(ProgrammingError)
    with acting_as(clinician), refused, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE tracker_review SET covers_until = now()")
