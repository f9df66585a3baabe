"""What every page needs to know: where its reader may go, and whether this is a demonstration."""

from functools import partial
from typing import NamedTuple

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from portal import demo, languages
from portal.sign_in import factors


class Place(NamedTuple):
    """One entry of the navigation."""

    label: str | Promise
    url: str
    current: bool


# In the order shown; the first place that a person may enter is their home.
PLACES = [
    ("tracker.view_diary", _("Worklist"), "tracker:worklist"),
    ("tracker.treat_patient", _("Due"), "tracker:due-everybody"),
    ("tracker.view_own_diary", _("Log"), "tracker:log"),
    ("portal.enter_admin", _("Editing"), "admin:index"),
    ("portal.view_trail", _("Trail"), "trail"),
]


def places(request: HttpRequest) -> list[Place]:
    """Where this person may go, condition pages last, since everybody may."""
    may = [(label, reverse(name)) for right, label, name in PLACES if request.user.has_perm(right)]
    may.append((_("Conditions"), reverse("conditions:list")))
    return [Place(label, url, request.path.startswith(url)) for label, url in may]


def page_context(request: HttpRequest) -> dict[str, object]:
    """Template context: `navigation` (list of Place), `languages` (list of Tongue), `owes_factor`, `demo`.

    In the demo also its accounts, and `one_step`: whether staff sign in without a second one.
    """
    signed_in = hasattr(request, "user") and request.user.is_authenticated
    context: dict[str, object] = {"navigation": places(request) if signed_in else [], "demo": settings.DEMO}
    if languages.is_translated(request):
        # Asked by the header alone: the page that turns an unreadable query away must not read it.
        context["languages"] = lambda: languages.tongues(request.GET)
    if signed_in:
        context["owes_factor"] = partial(factors.is_owed_by, request.user)  # asked by one page only
    if settings.DEMO:
        context |= {"demo_accounts": demo.ACCOUNTS, "demo_password": demo.PASSWORD}
        context["one_step"] = not settings.SECOND_FACTOR_DEMANDED
    return context
