"""The people of a clinic: who begins, what they may do, who leaves."""

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.core.mail import send_mail
from django.db import IntegrityError
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import URLPattern, path

from portal.auth import fresh_to_change
from portal.middleware import SignedIn
from portal.models import User
from portal.sign_in import sessions
from tracker import people
from tracker.admin.scoped import ScopedAdmin
from tracker.forms.administration import LeaveForm, NewPersonForm, PersonForm
from tracker.forms.clinician import clinics_of
from tracker.models import ClinicStaff
from tracker.models.seats import FAMILY_BASES, Basis

WELCOME = """Hello,

{clinic} made an account for you on Steady. Choose your password within three days:
{link}

After that time, ask for a new link on the sign-in page. If you did not expect this, tell the clinic.
"""


@admin.register(User)
class PersonAdmin(ScopedAdmin):
    """Staff of the clinic and families of its patients."""

    form = PersonForm
    list_display = ["name", "email", "role_words", "is_active"]
    search_fields = ["name", "email"]
    readonly_fields = ["email", "joined_at", "last_login"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Staff begin here; families are invited by the care team."""
        return bool(request.user.has_perm("portal.add_user"))

    def save_model(self, request: Any, obj: User, form: Any, change: bool) -> None:
        """The database gives roles to nobody but an administrator of the person's clinic."""
        people.change_person(request.user, obj, name=obj.name, roles=obj.roles, active=obj.is_active)

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        """Who works at, or holds a seat at, a clinic where this administrator works."""
        mine = Q(clinic_posts__clinic__staff__user=request.user.pk)
        # Emergency access brings nobody here: a clinician of another clinic is that clinic's to keep.
        lasting = [Basis.CARE_TEAM, *FAMILY_BASES]
        theirs = Q(seats__patient__clinic__staff__user=request.user.pk, seats__basis__in=lasting)
        return super().get_queryset(request).filter(mine | theirs).distinct()

    def has_change_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        """Nobody gives themselves a role."""
        return super().has_change_permission(request, obj) and obj != request.user

    def get_urls(self) -> list[URLPattern]:
        """Before Django's own, which would take every address that begins with a number."""
        left = self.admin_site.admin_view(fresh_to_change(self.leave))
        signed_out = self.admin_site.admin_view(fresh_to_change(self.end_sessions))
        return [
            path("<int:object_id>/leave/", left, name="portal_user_leave"),
            path("<int:object_id>/sessions/end/", signed_out, name="portal_user_end_sessions"),
            *super().get_urls(),
        ]

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None) -> Any:
        """Make the account of somebody who begins; they get a link to choose their password."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        return fresh_to_change(self._add)(request)

    def _add(self, request: SignedIn) -> HttpResponse:
        form = NewPersonForm(request.user, request.POST if request.method == "POST" else None)
        if request.method == "POST" and form.is_valid():
            person = self._employed(request, form)
            if person is not None:
                messages.success(request, f"{person.email} got a mail with a link to choose a password.")
                return redirect("admin:portal_user_change", person.pk)
        return self._page(request, "Add a person", "Add", form)

    def _employed(self, request: SignedIn, form: NewPersonForm) -> User | None:
        told = {name: form.cleaned_data[name] for name in ("name", "email", "roles")}
        clinic = form.chosen_clinic
        try:
            person = people.employ(request.user, clinic, **told)
        except IntegrityError:  # another tap was faster
            form.say_taken()
            return None
        link = request.build_absolute_uri(people.password_path(person))
        text = WELCOME.format(clinic=clinic.name, link=link)
        send_mail("Your account on Steady", text, None, [person.email])
        return person

    def change_view(
        self, request: Any, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """With a way to what else may be decided about somebody of the clinic's staff."""
        posts = ClinicStaff.objects.filter(clinic__in=clinics_of(request.user))
        person = self.get_object(request, object_id)  # nothing where the address names nobody of the clinic
        more = {"works_here": posts.filter(user=person).exists(), **(extra_context or {})}
        return super().change_view(request, object_id, form_url, more)

    def leave(self, request: SignedIn, object_id: int) -> HttpResponse:
        """Ask, then take somebody off the clinic's staff, and off the care teams of its patients."""
        person = self._person(request, object_id)
        form = LeaveForm(request.user, person, request.POST if request.method == "POST" else None)
        if not form.offered.exists():
            raise Http404
        if request.method == "POST" and form.is_valid():
            try:
                people.end_post(request.user, form.cleaned_data["post"])
            except people.LastSeat as alone:
                form.say_alone(alone.patients)
            else:
                messages.success(request, f"{person} no longer works at the clinic.")
                return redirect("admin:portal_user_changelist")
        text = (
            "Their seats on care teams of the clinic end at once. Their account stays, and what they wrote."
        )
        return self._page(request, f"{person} leaves the clinic", "They leave", form, text)

    def end_sessions(self, request: SignedIn, object_id: int) -> HttpResponse:
        """Ask, then sign somebody out everywhere."""
        person = self._person(request, object_id)
        if request.method == "POST":
            number = sessions.end_sessions(request.user, person)
            messages.success(request, f"Ended: {number}.")
            return redirect("admin:portal_user_change", person.pk)
        text = "They are signed out on every device. They can sign in again, unless you make them inactive."
        return self._page(request, f"End all sessions of {person}?", "End them", None, text)

    def _person(self, request: SignedIn, number: int) -> User:
        """Errors: PermissionDenied without the right; Http404 for oneself and people of other clinics."""
        if not request.user.has_perm("portal.change_user"):
            raise PermissionDenied
        person = self.get_queryset(request).exclude(pk=request.user.pk).filter(pk=number).first()
        if person is None:
            raise Http404
        return person

    def _page(
        self, request: SignedIn, title: str, button: str, form: Any = None, text: str = ""
    ) -> HttpResponse:
        context = {"title": title, "tab": button, "button": button, "form": form, "text": text}
        return render(request, "admin/tracker/act.html", {**self.admin_site.each_context(request), **context})
