"""What every page needs to know: where its reader may go, and whether this is a demonstration."""

from typing import NamedTuple

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse

from portal import demo


class Place(NamedTuple):
    """One entry of the navigation."""

    label: str
    url: str
    current: bool


# In the order shown; the first place that a person may enter is their home.
PLACES = [
    ("tracker.view_diary", "Worklist", "tracker:worklist"),
    ("tracker.view_own_diary", "Log", "tracker:log"),
    ("portal.enter_admin", "Editing", "admin:index"),
    ("portal.view_trail", "Trail", "trail"),
]


def places(request: HttpRequest) -> list[Place]:
    """Where this person may go, condition pages last, since everybody may."""
    may = [(label, reverse(name)) for right, label, name in PLACES if request.user.has_perm(right)]
    may.append(("Conditions", reverse("conditions:list")))
    return [Place(label, url, request.path.startswith(url)) for label, url in may]


def page_context(request: HttpRequest) -> dict[str, object]:
    """Template context: `navigation` (list of Place), `demo`, and in the demo its accounts."""
    signed_in = hasattr(request, "user") and request.user.is_authenticated
    context: dict[str, object] = {"navigation": places(request) if signed_in else [], "demo": settings.DEMO}
    if settings.DEMO:
        context |= {"demo_accounts": demo.ACCOUNTS, "demo_password": demo.PASSWORD}
    return context
