"""Condition information: what readers may trust."""

from django.apps import AppConfig


class ConditionsConfig(AppConfig):
    """Conditions, their statements and releases."""

    name = "conditions"
