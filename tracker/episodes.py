"""The only writers of episodes: set by a clinician, one open at a time."""

from datetime import date

from django.db import transaction

from portal import audit
from portal.database.turns import take_turns
from portal.models import User
from tracker import status
from tracker.models import Episode, Patient
from tracker.taps import Repeated, Superseded

TOLD = ("started_on", "trigger", "peak_on", "peak_total", "treated_with", "returned_on", "note")


class AlreadyOpen(Exception):
    """The patient has an open episode; nothing was stored."""


@transaction.atomic
def start_episode(user: User, patient: Patient, episode: Episode) -> Episode:
    """Store an episode, as a clinician set it.

    Errors: Repeated when `user` set just this one already; AlreadyOpen when the patient has an open one.
    """
    take_turns(f"episodes {patient.pk}")
    if patient.episodes.filter(set_by=user, **{name: getattr(episode, name) for name in TOLD}).exists():
        raise Repeated
    if episode.returned_on is None and patient.episodes.filter(returned_on=None).exists():
        raise AlreadyOpen
    episode.patient, episode.set_by = patient, user
    episode.full_clean()
    episode.save(force_insert=True)
    status.refresh(patient)
    audit.record(user, "episode started", episode, patient=patient.pk)
    return episode


@transaction.atomic
def end_episode(user: User, episode: Episode, returned_on: date) -> None:
    """Say since when the patient is back to their own baseline.

    Errors: Repeated when that was said already; Superseded when another day was.
    """
    take_turns(f"episodes {episode.patient_id}")
    ended = Episode.objects.filter(pk=episode.pk).values_list("returned_on", flat=True).get()
    if ended is not None:
        raise Repeated if ended == returned_on else Superseded
    change_episode(user, episode, returned_on=returned_on)


@transaction.atomic
def change_episode(user: User, episode: Episode, **told: object) -> None:
    """Say more of an episode, or that it is over; its start and who set it stay.

    Errors: AlreadyOpen when that would open it again beside another open one.
    """
    take_turns(f"episodes {episode.patient_id}")
    others = Episode.objects.filter(patient=episode.patient_id, returned_on=None).exclude(pk=episode.pk)
    if told.get("returned_on", episode.returned_on) is None and others.exists():
        raise AlreadyOpen
    for name, value in told.items():
        setattr(episode, name, value)
    episode.full_clean(validate_unique=False)
    Episode.objects.filter(pk=episode.pk).update(**told)
    status.refresh(episode.patient)
    audit.record(user, "episode changed", episode, patient=episode.patient_id)
