"""`manage.py rebuild_status`: compute every row of the worklist anew from what the diaries hold."""

from django.core.management.base import BaseCommand

from portal.identity import acting_for
from tracker import status
from tracker.models import Patient, PatientStatus


class Command(BaseCommand):
    """Repeatable, and harmless while people work: each patient is a transaction of its own."""

    help = "Compute the worklist's row of every patient anew."

    def handle(self, *args: object, **options: object) -> None:
        """The owner lists the patients; each is then computed as a job that reaches that one alone."""
        patients = list(Patient.objects.using("owner").order_by("pk"))
        known = set(PatientStatus.objects.using("owner").values_list("patient", flat=True))
        missing = [PatientStatus(patient_id=patient.pk) for patient in patients if patient.pk not in known]
        PatientStatus.objects.using("owner").bulk_create(missing)
        for patient in patients:
            with acting_for(patient.pk):
                status.recount(patient)
        self.stdout.write(f"Rows computed anew: {len(patients)}.")
