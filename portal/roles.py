"""Who may do what: the one place where a right is given, as pure data.

A right says that a person may do a kind of thing. Which patients it applies to is
another question, answered by seats (`tracker.models.Seat`) and never by a role.
"""

from collections.abc import Iterable

from django.db.models import TextChoices


class Role(TextChoices):
    """Rows store these words, never a class path, so a rename breaks no row."""

    FAMILY = "family", "Family"
    CLINICIAN = "clinician", "Clinician"
    EDITOR = "editor", "Editor"
    REVIEWER = "reviewer", "Clinical reviewer"
    ADMINISTRATOR = "administrator", "Administrator"
    AUDITOR = "auditor", "Auditor"


CONTENT = (
    *("condition", "name", "code", "feature", "fact", "organisation", "source"),
    *("section", "statement", "citation", "mustsay", "saying"),
)
VIEW_CONTENT = frozenset({f"conditions.view_{word}" for word in (*CONTENT, "release", "approval")})
EDIT_CONTENT = frozenset(
    f"conditions.{act}_{word}" for act in ("add", "change", "delete") for word in CONTENT
)
ANSWER_READERS = frozenset({"conditions.view_feedback", "conditions.change_feedback"})

GRANTS: dict[str, frozenset[str]] = {
    Role.FAMILY: frozenset({"tracker.log_diary", "tracker.view_own_diary"}),
    Role.CLINICIAN: frozenset(
        {
            "tracker.register_patient",
            "tracker.invite_family",
            "tracker.keep_record",
            "tracker.view_diary",
            "tracker.review_diary",
            "tracker.treat_patient",
            "tracker.set_rules",
            "tracker.break_glass",
        }
    ),
    Role.EDITOR: VIEW_CONTENT
    | EDIT_CONTENT
    | ANSWER_READERS
    | {"portal.enter_admin", "conditions.submit_release"},
    Role.REVIEWER: VIEW_CONTENT | {"portal.enter_admin", "conditions.approve_release"},
    Role.ADMINISTRATOR: frozenset(
        {
            "portal.enter_admin",
            "portal.view_user",
            "portal.add_user",
            "portal.change_user",
            "tracker.view_patient",
            "tracker.change_patient",
            "tracker.view_seat",
            "tracker.add_seat",
            "tracker.change_seat",
            "tracker.view_clinic",
            "tracker.change_clinic",
        }
    ),
    Role.AUDITOR: frozenset({"portal.view_trail"}),
}


def rights_of(roles: Iterable[str]) -> frozenset[str]:
    """Every right that at least one of `roles` gives; an unknown word gives none."""
    return frozenset().union(*(GRANTS.get(role, frozenset()) for role in roles))


def works_here(roles: Iterable[str]) -> bool:
    """Whether any of `roles` is a staff role, which is every one but family."""
    return bool(set(roles) - {Role.FAMILY})
