"""The diary's own jobs: looking again at what changes with time alone, and reminding of what waits."""

from datetime import timedelta

from django.core.mail import send_mail
from django.db import connection
from procrastinate.contrib.django import app

from portal.identity import acting_for, speaking_as
from tracker import status
from tracker.models import Patient
from tracker.worklist.terms import STANDARD

LOOK = "job:look"
# Of urgent and same-day flags, and of the others; a clinic that decided otherwise is asked as it decided.
SOON, LATER = (timedelta(days=days) for days in (STANDARD.urgent_waits, STANDARD.flag_waits))
WAITING = """SELECT email, number, oldest
    FROM waiting_flags(make_interval(secs => %s), make_interval(secs => %s))"""
SUBJECT = "Steady: something waits for a look"
LONELY = """{number} without a lead at your clinic. Their flags and reviews are nobody's until a
clinician of the care team takes them over, on the worklist’s page “Hand over”.

This mail holds no names and no health data, on purpose.
"""
MAIL = """{number} on your worklist {waits} longer than agreed, the oldest since {oldest:%-d %B %Y}.

Sign in to see why. This mail holds no names and no health data, on purpose.
"""


@app.periodic(cron="23 4 * * *")
@app.task(queueing_lock="look_again", pass_context=False)
def look_again(timestamp: int) -> None:
    """Raise the flags that no entry brings about: a silence, a medicine that ended at once."""
    with speaking_as(LOOK), connection.cursor() as cursor:
        cursor.execute("SELECT patients_to_look_at()")
        keys = cursor.fetchone()[0]
    for key in keys:
        with acting_for(key):
            status.refresh(Patient.objects.select_related("clinic").get(pk=key))


@app.periodic(cron="7 7 * * *")
@app.task(queueing_lock="remind", pass_context=False)
def remind(timestamp: int) -> None:
    """Mail whoever owns flags that wait too long; after twice the time the clinic's administrators too."""
    with speaking_as(LOOK), connection.cursor() as cursor:
        limits = [SOON.total_seconds(), LATER.total_seconds()]
        cursor.execute(WAITING, limits)
        rows = cursor.fetchall()
    for email, number, oldest in rows:
        words = {"number": "1 flag" if number == 1 else f"{number} flags", "oldest": oldest}
        words["waits"] = "waits" if number == 1 else "wait"
        send_mail(SUBJECT, MAIL.format(**words), None, [email])


@app.periodic(cron="37 7 * * 1")
@app.task(queueing_lock="tell_of_unled", pass_context=False)
def tell_of_unled(timestamp: int) -> None:
    """Mail, once a week, the care teams and administrators of patients whose lead has left them."""
    with speaking_as(LOOK), connection.cursor() as cursor:
        cursor.execute("SELECT email, number FROM unled_patients()")
        rows = cursor.fetchall()
    for email, number in rows:
        words = "1 patient is" if number == 1 else f"{number} patients are"
        send_mail("Steady: nobody leads", LONELY.format(number=words), None, [email])
