"""Run Steady's commands: start the embedded PostgreSQL when DATABASE_URL is unset, then Django."""

import os
import sys

from portal.database.embedded import EmbeddedError, export_nowhere, export_urls

WITHOUT_DATABASE = {"detector_replay", "messages", "stories"}

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
    try:
        export_nowhere() if WITHOUT_DATABASE.intersection(sys.argv[1:2]) else export_urls()
    except EmbeddedError as error:
        sys.exit(str(error))
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)
