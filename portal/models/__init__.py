"""People, the trail and what the portal keeps, a module for each noun."""

from portal.models.marks import DemoMark, IdentityKey
from portal.models.people import User, UserManager
from portal.models.sealed import Letter, ParkedForm
from portal.models.trail import AuditEvent, PolicyReport, Seal

__all__ = [
    "AuditEvent",
    "DemoMark",
    "IdentityKey",
    "Letter",
    "ParkedForm",
    "PolicyReport",
    "Seal",
    "User",
    "UserManager",
]
