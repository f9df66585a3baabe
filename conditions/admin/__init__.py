"""Where editors draft and submit, and reviewers approve: the default admin site."""

from conditions.admin import condition, feedback, parts, release, statement

__all__ = ["condition", "feedback", "parts", "release", "statement"]
