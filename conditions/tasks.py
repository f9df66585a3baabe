"""The job of condition information: publishing at a set time."""

from procrastinate.contrib.django import app

from conditions.planning import publish_due
from portal.identity import speaking_as

PUBLISH = "job:publish"


@app.periodic(cron="* * * * *")
@app.task(queueing_lock="publish_planned", pass_context=False)
def publish_planned(timestamp: int) -> None:
    """Publish what is due; what a guard holds back waits, and its page in the admin says why."""
    with speaking_as(PUBLISH):
        publish_due()
