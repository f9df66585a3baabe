"""Who leads: the clinician who owns a patient's flags and reviews, and handing that over."""

from collections.abc import Iterable

from django.db import transaction

from portal import audit
from portal.models import User
from tracker import people
from tracker.models import Patient, Seat
from tracker.models.seats import Basis


@transaction.atomic
def lead(user: User, patient: Patient, colleague: User) -> None:
    """Make a colleague the patient's lead, who owns its flags; a newcomer joins the care team."""
    if not Seat.objects.current().filter(patient=patient, user=colleague, basis=Basis.CARE_TEAM).exists():
        people.join_team(user, patient, colleague)
    Patient.objects.filter(pk=patient.pk).update(lead=colleague)
    audit.record(user, "patient handed over", patient, patient=patient.pk)


@transaction.atomic
def give_back(user: User, patient: Patient, former: int | None) -> None:
    """Undo a handing over: whoever led before leads again, by number, or nobody who left the team since."""
    team = Seat.objects.current().of_team().filter(patient=patient, user=former)
    Patient.objects.filter(pk=patient.pk).update(lead=former if team.exists() else None)
    audit.record(user, "patient handed back", patient, patient=patient.pk)


@transaction.atomic
def hand_over(user: User, patients: Iterable[Patient], colleague: User) -> int:
    """Make a colleague the lead of many patients, for who is away; gives how many they did not lead yet."""
    led = Seat.objects.current().of_leads().filter(user=colleague).values_list("patient", flat=True)
    already = set(led)
    chosen = [patient for patient in patients if patient.pk not in already]
    for patient in chosen:
        lead(user, patient, colleague)
    return len(chosen)
