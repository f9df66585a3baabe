"""Where readers say whether a page helped, report an error or ask: a page of its own, never a kept one."""

from allauth.core.internal import ratelimit
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from conditions import feedback, pages, reading, standing
from conditions.forms import FeedbackForm
from conditions.models import Feedback
from portal.models import User

# Counted as tries to sign in are, in the cache that all processes share; only what is stored counts.
RATES = {"feedback": "5/10m/ip,20/d/ip"}
TOO_OFTEN = _(
    "Many messages came from your connection. Wait ten minutes, then send it again; your text is still here."
)


@login_not_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def send(request: HttpRequest, slug: str) -> HttpResponse:
    """Show the form, with `?kind=` chosen; on POST store it and say thank you."""
    stands = standing.of(slug)
    if stands is None:
        raise Http404
    whom = reading.audience(request.GET.get("for"))
    given = request.POST if request.method == "POST" else None
    form = FeedbackForm(given, initial={"kind": request.GET.get("kind", "")})
    status = 200
    if form.is_valid():
        if ratelimit.consume(request, app="conditions", action="feedback", config=RATES):
            user = request.user if isinstance(request.user, User) else None
            told = form.cleaned_data
            feedback.send(user, stands, kind=told["kind"], text=told["text"], address=told["email"])
            way = {"sent": told["kind"], **({"for": whom} if whom else {})}
            return redirect(f"{reverse('conditions:feedback', args=[slug])}?{urlencode(way)}")
        form.add_error(None, TOO_OFTEN)
        status = 429
    sent = request.GET.get("sent", "")
    context = {
        "form": form,
        "slug": slug,
        "whom": whom,
        "name": pages.name_of(stands),
        "sent": sent if sent in Feedback.Kind.values else "",
        "votes": Feedback.VOTES,
        "days": feedback.DUTY.days,
    }
    return render(request, "conditions/feedback.html", context, status=status)
