"""The page on which a review is shared by links, and links are revoked."""

from typing import Any, cast

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path, reverse
from django.utils import timezone

from conditions import sharing
from conditions.models import Release
from conditions.publishing import NotAllowed
from portal.auth import fresh_when
from portal.middleware import SignedIn
from portal.models import User

# Who makes a link proves again that it is still them; to revoke one, the session is enough.
fresh_to_share = fresh_when(lambda request: request.method == "POST" and "days" in request.POST)


class ShareForm(forms.Form):
    """How long a link lives."""

    days = forms.TypedChoiceField(
        label="The link ends after",
        coerce=int,
        choices=[(1, "1 day"), (7, "7 days"), (14, "14 days"), (30, "30 days")],
        initial=7,
        error_messages={"invalid_choice": "Choose one of the times in the list."},
    )


class SharedReviews(admin.ModelAdmin[Release]):
    """Adds the page to a release's admin."""

    def get_urls(self) -> list[URLPattern]:
        """Before Django's own."""
        shared = self.admin_site.admin_view(fresh_to_share(self.share))
        return [path("<int:pk>/share/", shared, name="conditions_release_share"), *super().get_urls()]

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> Any:
        """Say whether this person may share."""
        signed_in = cast("User", request.user)  # the admin lets nobody else in
        context = {**(extra_context or {}), "may_share": sharing.may_share(signed_in)}
        return super().change_view(request, object_id, form_url, context)

    def share(self, request: SignedIn, pk: int) -> HttpResponse:
        """The links of a release; a POST makes one and shows it once, or revokes one."""
        if not sharing.may_share(request.user):
            raise PermissionDenied
        if pk >= 2**63:
            raise Http404
        release = get_object_or_404(Release.objects.select_related("condition").defer("snapshot"), pk=pk)
        if "revoke" in request.POST:
            return _revoke(request, release)
        form = ShareForm(request.POST if request.method == "POST" else None)
        context = {"title": f"Share the review of {release.condition}", "release": release, "form": form}
        context |= {"address": _made(request, release, form) if form.is_valid() else ""}
        context |= {"links": release.shares.select_related("made_by"), "now": timezone.now()}
        return render(
            request, "admin/conditions/share.html", {**self.admin_site.each_context(request), **context}
        )


def _made(request: SignedIn, release: Release, form: ShareForm) -> str:
    """The address of a new link; '' when it is refused, and the form says why."""
    try:
        key = sharing.share(request.user, release, days=form.cleaned_data["days"])
    except NotAllowed as refusal:
        form.add_error(None, str(refusal))
        return ""
    return request.build_absolute_uri(reverse("conditions:shared-review", args=[key]))


def _revoke(request: SignedIn, release: Release) -> HttpResponse:
    number = request.POST["revoke"]
    known = number.isdecimal() and int(number) < 2**63
    link = get_object_or_404(release.shares, pk=int(number) if known else 0)
    sharing.revoke(request.user, link)
    messages.success(request, "The link is revoked. It opens nothing from now on.")
    return redirect("admin:conditions_release_share", release.pk)
