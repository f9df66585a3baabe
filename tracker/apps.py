"""The diary and its review."""

from django.apps import AppConfig


class TrackerConfig(AppConfig):
    """Patients, what their families log, and what clinicians make of it."""

    name = "tracker"
