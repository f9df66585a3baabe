"""What a tap meets that came second: the same again, or what somebody else changed in the meantime."""

from datetime import timedelta

TWICE = timedelta(minutes=1)  # the same again within it is a second tap


class Repeated(Exception):
    """The same was stored by an earlier tap; nothing was stored again."""


class Superseded(Exception):
    """What was to be changed was changed by another tap; nothing was stored."""


class Conflict(Exception):
    """The same key was sent before with something else in it; nothing was stored."""
