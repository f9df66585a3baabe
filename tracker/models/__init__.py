"""The diary and its review, a module for each noun."""

from tracker.models.diary import Assessment, CheckIn, Measurement, Rating, Sign
from tracker.models.doses import Dose
from tracker.models.due import DueItem
from tracker.models.emergency import EmergencyAccess
from tracker.models.episodes import Episode
from tracker.models.events import ClinicalEvent
from tracker.models.flags import Flag
from tracker.models.marks import Mark
from tracker.models.people import Clinic, ClinicStaff, Patient
from tracker.models.review import Message, PrivateNote, Review, ReviewUndoing
from tracker.models.rules import Rules
from tracker.models.scales import ClinicianItem, ClinicianRating
from tracker.models.seats import Invitation, Redaction, Refusal, Seat
from tracker.models.status import PatientStatus
from tracker.models.tags import Tag, Tagging
from tracker.models.treatments import PlannedStep, Treatment

__all__ = [
    "Assessment",
    "CheckIn",
    "Clinic",
    "ClinicStaff",
    "ClinicalEvent",
    "ClinicianItem",
    "ClinicianRating",
    "Dose",
    "DueItem",
    "EmergencyAccess",
    "Episode",
    "Flag",
    "Invitation",
    "Mark",
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
    "ReviewUndoing",
    "Rules",
    "Seat",
    "Sign",
    "Tag",
    "Tagging",
    "Treatment",
]
