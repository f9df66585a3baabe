"""The project's own jobs: a healthy queue, no sessions past their time, and seals."""

from django.conf import settings
from django.contrib.sessions.models import Session
from django.core.mail import send_mail
from django.utils import timezone
from procrastinate.contrib.django import app

from portal import seals
from portal.models import Seal

HEAD_MAIL = """On {day} the trail has {number} seals. Its head is

{head}

Keep this mail away from the server. To ask whether the trail still holds what it held on this day:

    manage.py verify_trail --head {head}
"""


@app.periodic(cron="*/5 * * * *")
@app.task(queueing_lock="retry_stalled", pass_context=False)
async def retry_stalled(timestamp: int) -> None:
    """Put jobs back whose worker died in the middle; every job must bear to run twice."""
    for job in await app.job_manager.get_stalled_jobs():
        await app.job_manager.retry_job(job)


@app.periodic(cron="17 3 * * *")
@app.task(queueing_lock="clear_sessions", pass_context=False)
def clear_sessions(timestamp: int) -> None:
    """Delete the sessions that nobody came back to."""
    Session.objects.filter(expire_date__lt=timezone.now()).delete()


@app.periodic(cron="*/5 * * * *")
@app.task(queueing_lock="seal_trail", pass_context=False)
def seal_trail(timestamp: int) -> None:
    """Seal what was written to the trail and to the row histories since the last time."""
    seals.seal()


@app.periodic(cron="41 5 * * *")
@app.task(queueing_lock="mail_head", pass_context=False)
def mail_head(timestamp: int) -> None:
    """Send the newest seal to where nobody who can change the trail can change it too."""
    newest = seals.head()
    if settings.TRAIL_HEAD_TO and newest is not None:
        day = f"{timezone.now():%-d %B %Y}"
        text = HEAD_MAIL.format(day=day, number=Seal.objects.count(), head=newest.chain)
        send_mail(f"Steady: head of the trail, {day}", text, None, [settings.TRAIL_HEAD_TO])
