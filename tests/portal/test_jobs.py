"""Jobs whose worker died in the middle go back into the queue."""

import pytest
from asgiref.sync import async_to_sync
from django.db import connection
from procrastinate.contrib.django import app

from portal.tasks import retry_stalled

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_stalled_job_is_put_back() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO procrastinate_workers (last_heartbeat)"
            " VALUES (now() - interval '1 hour') RETURNING id"
        )
        (worker,) = cursor.fetchone()
        cursor.execute(
            "INSERT INTO procrastinate_jobs (queue_name, task_name, status, worker_id, attempts)"
            " VALUES ('default', 'gone', 'doing', %s, 1) RETURNING id",
            [worker],
        )
        (job,) = cursor.fetchone()

    async def sweep() -> None:
        async with app.open_async():
            await retry_stalled(timestamp=0)

    async_to_sync(sweep)()
    with connection.cursor() as cursor:
        cursor.execute("SELECT status FROM procrastinate_jobs WHERE id = %s", [job])
        assert cursor.fetchone() == ("todo",)
