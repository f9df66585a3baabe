"""What pages say about emergency access: that the reader has one open, or that some wait for a review."""

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from portal.models import User
from portal.roles import Role
from tracker.models import EmergencyAccess, Seat
from tracker.models.seats import Basis


def emergencies(request: HttpRequest) -> dict[str, object]:
    """Template context: `emergencies`, the clinician's open seats of that kind, and `emergencies_waiting`.

    Each is asked when a page shows it, once. Queries: one a page for clinicians, one for auditors where
    the number is shown; none for anybody else.
    """
    user = getattr(request, "user", None)
    if not isinstance(user, User):
        return {}
    context: dict[str, object] = {}
    if Role.CLINICIAN in user.roles:
        context["emergencies"] = SimpleLazyObject(lambda: open_seats(user))
    if Role.AUDITOR in user.roles:
        context["emergencies_waiting"] = SimpleLazyObject(EmergencyAccess.objects.waiting().count)
    return context


def open_seats(user: User) -> list[Seat]:
    """Emergency access that `user` has now, with patient and clinic, the first to end first."""
    seats = Seat.objects.current().filter(user_id=user.pk, basis=Basis.BREAK_GLASS)
    return list(seats.select_related("patient__clinic").order_by("ends_at"))
