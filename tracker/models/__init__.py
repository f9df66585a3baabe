"""The diary and its review, a module for each noun."""

from tracker.models.diary import Assessment, CheckIn, Measurement, Rating
from tracker.models.emergency import EmergencyAccess
from tracker.models.events import ClinicalEvent
from tracker.models.people import Clinic, ClinicStaff, Patient
from tracker.models.review import Message, PrivateNote, Review
from tracker.models.seats import Invitation, Redaction, Refusal, Seat
from tracker.models.status import PatientStatus
from tracker.models.treatments import PlannedStep, Treatment

__all__ = [
    "Assessment",
    "CheckIn",
    "Clinic",
    "ClinicStaff",
    "ClinicalEvent",
    "EmergencyAccess",
    "Invitation",
    "Measurement",
    "Message",
    "Patient",
    "PatientStatus",
    "PlannedStep",
    "PrivateNote",
    "Rating",
    "Redaction",
    "Refusal",
    "Review",
    "Seat",
    "Treatment",
]
