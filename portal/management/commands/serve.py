"""`manage.py serve`: bring the database up to date and run everything Steady needs, in one terminal."""

import hashlib
import os
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandParser
from django.db import connections

from portal import supervisor


class Command(BaseCommand):
    """Exits 1 with a sentence when the port is taken or the web server dies; 0 when it was asked to stop."""

    help = "Migrate, then run the web server and the job worker until stopped."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the address; PORT in the environment is the default port."""
        parser.add_argument("--host", default="127.0.0.1")
        parser.add_argument("--port", type=int, default=int(os.environ.get("PORT") or 8000))

    def handle(self, *args: Any, host: str, port: int, **options: Any) -> None:
        """Check the port first: preparing may take a while."""
        supervisor.check_port(host, port)
        self.prepare()
        supervisor.supervise(host, port)

    def prepare(self) -> None:
        """Bring the database and the static files up to date, and let go of the database."""
        self.stdout.write("Preparing the database ...")
        call_command("migrate", database="owner", verbosity=0)
        call_command("database_key")
        if settings.DEMO:
            call_command("demo")
        collect()
        connections.close_all()


def collect() -> None:
    """Collect the static files if any has changed: compressing them takes half a minute."""
    stamp = Path(settings.STATIC_ROOT) / "sources"
    found = [storage.path(name) for finder in get_finders() for name, storage in finder.list([])]
    states = [(path, (state := Path(path).stat()).st_mtime_ns, state.st_size) for path in sorted(found)]
    now = hashlib.sha256(repr(states).encode()).hexdigest()
    if not stamp.exists() or stamp.read_text() != now:
        stamp.unlink(missing_ok=True)  # what is killed in the middle is done again
        call_command("collectstatic", interactive=False, verbosity=0)
        stamp.write_text(now)
