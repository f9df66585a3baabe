"""The jobs of condition information: publishing at a set time, telling who asked, and tidying."""

from procrastinate.contrib.django import app

from conditions import shelf
from conditions.planning import publish_due
from conditions.telling import tell_askers
from portal.identity import speaking_as

PUBLISH = "job:publish"
TELL = "job:tell"


@app.periodic(cron="* * * * *")
@app.task(queueing_lock="publish_planned", pass_context=False)
def publish_planned(timestamp: int) -> None:
    """Publish what is due; what a guard holds back waits, and its page in the admin says why."""
    with speaking_as(PUBLISH):
        publish_due()


@app.periodic(cron="*/5 * * * *")
@app.task(queueing_lock="tell_askers", pass_context=False)
def tell_of_answers(timestamp: int) -> None:
    """Tell who asked that their answer is published now."""
    with speaking_as(TELL):
        tell_askers()


@app.periodic(cron="47 3 * * *")
@app.task(queueing_lock="tidy_shelf", pass_context=False)
def tidy_shelf(timestamp: int) -> None:
    """Take away kept pages that nobody made again for a month."""
    shelf.tidy()
