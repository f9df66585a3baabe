"""Private notes pinned to a day of the picture."""

from datetime import date

from django.http import HttpResponse
from django.utils.dateparse import parse_date

from portal.middleware import SignedIn
from tracker import plan
from tracker.forms.days import today_of
from tracker.forms.notes import PinForm
from tracker.models import Patient
from tracker.views.acts import ask, typed
from tracker.views.charting import done, sheet, treating


@treating
def pin(request: SignedIn, known: Patient) -> HttpResponse:
    """Pin a private note to the day `?on=`, or today."""
    form = PinForm(known, typed(request), initial={"on": _day(request.GET.get("on", "")) or today_of(known)})
    if request.method == "POST" and form.is_valid():
        plan.pin_note(request.user, known, form.cleaned_data["on"], form.cleaned_data["text"])
        return done(request, known, "The note is pinned.")
    return ask(request, known, sheet("Pin a note to a day", button="Pin it"), form)


def _day(words: str) -> date | None:
    """None for what is no day."""
    try:
        return parse_date(words)
    except ValueError:
        return None
