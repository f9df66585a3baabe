"""A family reads its own diary and writes to the clinic."""

from datetime import date, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from django.contrib import messages as notices
from django.contrib.auth.decorators import permission_required
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpResponse, JsonResponse, QueryDict
from django.middleware.csrf import get_token
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from portal import audit, parking
from portal.middleware import SignedIn
from portal.models import User
from tracker import diary as words
from tracker import journal
from tracker.forms.family import MessageForm
from tracker.models import CheckIn, Message, Patient
from tracker.views.patient import doubles

PAGE = 20
TOLD_BEFORE = timedelta(days=60)
STILL_HERE = "You were signed out. What you had typed is still here; check it and save."
FORM_OF_ANOTHER = "This form was opened by somebody else. Check what it says, then save it again as yourself."


@require_safe
@never_cache
@permission_required("tracker.view_own_diary", raise_exception=True)
def log(request: SignedIn) -> HttpResponse:
    """The child's diary; with two or more, a choice that is never made for the family."""
    patients = own_children(request.user)
    if len(patients) == 1:
        return redirect("tracker:diary", patients[0].pk)
    audit.record(request.user, "diaries listed", patients=[patient.pk for patient in patients])
    return render(request, "tracker/log.html", {"patients": patients})


@require_safe
@never_cache
@permission_required("tracker.view_own_diary", raise_exception=True)
def diary(request: SignedIn, key: UUID) -> HttpResponse:
    """Everything told, newest first, and what the clinic saw and said.

    Queries: the same for any number of entries.
    """
    patient = own_patient(request.user, key)
    page = Paginator(own_entries(request.user, patient), PAGE).get_page(request.GET.get("page"))
    reviews = list(patient.reviews.standing().select_related("reviewer"))
    audit.record(request.user, "diary viewed", patient, patient=patient.pk)
    context = {
        **about(request.user, patient),
        "page": page,
        "days": words.by_day(words.lines(page, reviews)),
        "reviewed": reviews[0] if reviews else None,
        "letters": letters(patient)[:1],
        "ends": access_ends(request.user, patient),
        **doubles(own_patients(request.user), patient),
        "opened": [(row, row.words_for_family(patient.first_name)) for row in patient.emergencies.recent()],
    }
    return render(request, "tracker/log_diary.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@permission_required("tracker.view_own_diary", raise_exception=True)
def messages(request: SignedIn, key: UUID) -> HttpResponse:
    """Read what was written to and fro; write to the clinic."""
    patient = own_patient(request.user, key)
    typed = typed_by(request)
    form = MessageForm(typed)
    if request.method == "POST" and form.is_valid() and is_own_form(request):
        journal.send_message(request.user, patient, form.cleaned_data["text"])
        notices.success(request, "Sent. The clinic will read it in its working hours.")
        return redirect("tracker:messages", patient.pk)
    audit.record(request.user, "messages viewed", patient, patient=patient.pk)
    page = Paginator(letters(patient), PAGE).get_page(request.GET.get("page"))
    context = {**about(request.user, patient), "form": form, "page": page, "family": family_of(patient)}
    return render(request, "tracker/log_messages.html", context)


@require_safe
@never_cache
@permission_required("tracker.log_diary", raise_exception=True)
def session(request: SignedIn) -> JsonResponse:
    """That the session lives, and a token for the form that asks: {"csrf": …}."""
    return JsonResponse({"csrf": get_token(request)})


def own_patients(user: User) -> QuerySet[Patient]:
    """Patients of whom `user` is parent, guardian or self now, with their clinics."""
    mine = Patient.objects.visible_to(user).of_family(user)
    return mine.select_related("clinic").order_by("name", "pk")


def own_children(user: User) -> list[Patient]:
    """The same, each child once: without records that were merged into another of them."""
    mine = list(own_patients(user))
    keys = {patient.pk for patient in mine}
    return [patient for patient in mine if patient.merged_into_id not in keys]


def own_patient(user: User, key: UUID) -> Patient:
    """Errors: Http404 for everybody else's."""
    return get_object_or_404(own_patients(user), key=key)


def own_entries(user: User, patient: Patient) -> QuerySet[CheckIn]:
    """What was told, newest day first; also what was corrected or taken back since."""
    told = CheckIn.objects.visible_to(user).filter(patient=patient, error_reason="")
    newest_first = ("-local_date", "-occurred_at", "-received_at")
    return told.with_details().select_related("replaced_by").order_by(*newest_first)


def access_ends(user: User, patient: Patient) -> date | None:
    """The first day without a seat, where `user` is to be told of it; nothing while it is far off."""
    seats = list(patient.seats.current().of_family().filter(user_id=user.pk))
    ends = [seat.ends_at for seat in seats if seat.ends_at]
    if not ends or len(ends) < len(seats) or max(ends) > timezone.now() + TOLD_BEFORE:
        return None
    return timezone.localdate(max(ends), ZoneInfo(patient.zone))


def letters(patient: Patient) -> QuerySet[Message]:
    """Messages about a patient, newest first, with who wrote them."""
    return patient.messages.select_related("author", "review__undoing").order_by("-at", "-pk")


def family_of(patient: Patient) -> set[int]:
    """The numbers of everybody who holds or held a family seat; anyone else writes for the clinic."""
    return set(patient.seats.of_family().values_list("user_id", flat=True))


def about(user: User, patient: Patient) -> dict[str, object]:
    """What every page about a child needs to name them and to take an entry."""
    return {
        "patient": patient,
        "clinic": patient.clinic,
        "several": len(own_children(user)) > 1,
        "open": patient.state == Patient.State.ACTIVE,
        "why_closed": words.why_closed(patient),
        "made_for": parking.made_for(user),
        "now": timezone.now(),
    }


def typed_by(request: SignedIn) -> QueryDict | None:
    """What was sent; or what was kept when the session ended, and then the page says so."""
    if request.method == "POST":
        if not is_own_form(request):
            notices.warning(request, FORM_OF_ANOTHER)
        return request.POST
    kept = parking.collect(request)
    if kept is not None:
        notices.info(request, STILL_HERE)
    return kept


def is_own_form(request: SignedIn) -> bool:
    """False for a form that was opened by another person on the same device."""
    return parking.owner(request) in (None, request.user.pk)
