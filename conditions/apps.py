"""Condition information: what readers may trust."""

from django.apps import AppConfig


class ConditionsConfig(AppConfig):
    """Conditions, their statements and releases."""

    name = "conditions"

    def ready(self) -> None:
        """Digest the files now: later they may be a newer version's than the code that has been loaded."""
        from conditions import shelf  # needs the models

        shelf.build()
