"""What administrators keep of their own clinic: people, identities, seats, hours. Diaries are not in it."""

from tracker.admin import clinic, patient, person

__all__ = ["clinic", "patient", "person"]
