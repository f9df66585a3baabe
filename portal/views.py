"""The pages that belong to nobody's job: the front door, one's own sessions, the state of health."""

from contextlib import suppress

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse, HttpResponsePermanentRedirect, JsonResponse
from django.shortcuts import redirect, render
from django.templatetags.static import static
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from portal import navigation, startup
from portal.middleware import SignedIn
from portal.sign_in import sessions


@login_not_required
@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """Signed out: what this is. Signed in: the home of the person's first role."""
    if request.user.is_authenticated:
        return redirect(navigation.places(request)[0].url)
    return render(request, "portal/home.html")


@login_not_required
@require_safe
def favicon(request: HttpRequest) -> HttpResponse:
    """Browsers ask for this address unasked; the icon lies among the static files."""
    return HttpResponsePermanentRedirect(static("portal/icon.svg"))


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def own_sessions(request: SignedIn) -> HttpResponse:
    """Where the person is signed in. POST ends the one named by `session`, or every one but this."""
    if request.method == "POST":
        wanted = request.POST.get("session")
        rows = [row for row in sessions.others(request) if wanted in (None, str(row.pk))]
        ended = sessions.end(request.user, rows)
        messages.success(request, f"Signed out on {ended} other device{'' if ended == 1 else 's'}.")
        return redirect("usersessions_list")
    return render(request, "usersessions/usersession_list.html", {"sessions": sessions.own(request)})


@login_not_required
@require_safe
def health_live(request: HttpRequest) -> HttpResponse:
    """Alive: the process answers; the database is not asked."""
    return HttpResponse("alive\n", content_type="text/plain")


@login_not_required
@never_cache
@require_safe
def health_ready(request: HttpRequest) -> JsonResponse:
    """Ready to serve: the database answers, is migrated, of this mode, and binds our role."""
    checks = dict.fromkeys(("database", "migrations", "role", "key", "mode"), False)
    with suppress(DatabaseError):  # the answer itself says what failed
        checks = {
            "database": True,
            "migrations": startup.is_migrated(),
            "role": startup.is_restricted(),
            "key": startup.is_believed(),
            "mode": startup.is_of_this_mode(),
        }
    return JsonResponse(checks, status=200 if all(checks.values()) else 503)


@login_not_required
@never_cache
@require_safe
def health_alerts(request: HttpRequest) -> JsonResponse:
    """Whether the job worker has been heard of within two minutes, and how many jobs wait."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT extract(epoch FROM now() - max(last_heartbeat)) FROM procrastinate_workers")
        (age,) = cursor.fetchone()
        cursor.execute("SELECT count(*) FROM procrastinate_jobs WHERE status = 'todo'")
        (waiting,) = cursor.fetchone()
    alive = age is not None and age < 120
    return JsonResponse({"worker": alive, "waiting": waiting}, status=200 if alive else 503)
