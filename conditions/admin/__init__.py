"""Where editors draft and submit, and reviewers approve: the default admin site."""

from conditions.admin import condition, feedback, release, statement

__all__ = ["condition", "feedback", "release", "statement"]
