"""The editors' queue: what readers said, who answers, by when; two steps that settle it."""

from typing import Any, cast

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path, reverse
from django.utils import timezone

from conditions import feedback
from conditions.admin.acts import Act, WordsForm
from conditions.admin.drafts import ModelAdmin
from conditions.models import Feedback, Population
from conditions.models.statement import no_nul
from conditions.publishing import NotAllowed
from portal import audit
from portal.models import User
from portal.roles import Role

ABOUT = ("kind", "text", "condition", "release", "sent_at", "wants_mail")
SETTLED = ("status", "note", "draft", "settled_at")


class ByStatus(admin.SimpleListFilter):
    """What became of it; what is owed an answer comes first. A made-up value is no error."""

    title = "what became of it"
    parameter_name = "status"

    def lookups(self, request: HttpRequest, model_admin: object) -> list[tuple[str, str]]:
        """Give the states, what is owed an answer, and what is past its day."""
        return [("owed", "Owed an answer"), ("overdue", "Overdue"), *Feedback.Status.choices]

    def queryset(self, request: HttpRequest, queryset: "QuerySet[Any]") -> "QuerySet[Any]":
        """Only those."""
        if self.value() in ("owed", "overdue"):
            found: QuerySet[Any] = getattr(queryset, str(self.value()))()
            return found
        return queryset.filter(status=self.value()) if self.value() in Feedback.Status.values else queryset


class AnswerForm(forms.Form):
    """A question in readers' words and its answer, as they will stand on the page."""

    question = forms.CharField(
        label="Question as any reader would ask it, without anything about one person",
        max_length=200,
        validators=[no_nul],
        widget=forms.TextInput(attrs={"size": 70}),
    )
    population = forms.ChoiceField(label="Whom the answer is about", choices=Population.choices)
    text = forms.CharField(
        label="Answer",
        max_length=2000,
        validators=[no_nul],
        widget=forms.Textarea(attrs={"rows": 8, "cols": 70}),
    )


class OwedForm(forms.ModelForm[Feedback]):
    """Who answers and by when."""

    def clean_due_on(self) -> Any:
        """Refuse to leave a question or an error without its day; the table does so too."""
        day = self.cleaned_data["due_on"]
        if day is None and self.instance.kind not in Feedback.VOTES:
            raise ValidationError("Say by when this is answered.")
        return day


@admin.register(Feedback)
class FeedbackAdmin(ModelAdmin):
    """Nobody adds or deletes here; who answers and by when may be changed while it is open."""

    form = OwedForm
    list_display = ["kind", "begins", "condition", "status", "due", "owner", "sent_at"]
    list_select_related = ["condition", "owner", "release"]
    list_filter = [ByStatus]
    search_fields = ["text"]
    ordering = ["due_on", "-sent_at"]
    fields = [*ABOUT, "owner", "due_on", *SETTLED]
    readonly_fields = [*ABOUT, *SETTLED]
    list_per_page = 50
    show_full_result_count = False
    view_on_site = False

    def has_add_permission(self, request: HttpRequest, obj: object = None) -> bool:
        """Nobody: readers write on the public page."""
        return False

    has_delete_permission = has_add_permission

    def get_queryset(self, request: HttpRequest) -> "QuerySet[Any]":
        """Leave the releases' snapshots out."""
        return super().get_queryset(request).defer("release__snapshot")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        """Once settled, nothing changes any more."""
        settled = obj is not None and obj.status != Feedback.Status.OPEN
        return [*ABOUT, "owner", "due_on", *SETTLED] if settled else [*ABOUT, *SETTLED]

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **options: Any) -> Any:
        """Only editors answer."""
        if db_field.name == "owner":
            options["queryset"] = User.objects.filter(roles__contains=[Role.EDITOR], is_active=True)
        return super().formfield_for_foreignkey(db_field, request, **options)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Write what may change, and the trail."""
        obj.save(update_fields=["owner", "due_on"])
        audit.record(request.user, "feedback.changed", obj)

    def get_urls(self) -> list[URLPattern]:
        """Add the two steps."""
        view = self.admin_site.admin_view
        return [
            path("<uuid:pk>/answer/", view(self.answer), name="conditions_feedback_answer"),
            path("<uuid:pk>/close/", view(self.close), name="conditions_feedback_close"),
            *super().get_urls(),
        ]

    def answer(self, request: HttpRequest, pk: Any) -> HttpResponse:
        """Write the answer as a draft statement."""
        said = self._said(request, pk)
        form = AnswerForm(request.POST if request.method == "POST" else None)
        if form.is_valid():
            user, link = cast("User", request.user), request.build_absolute_uri(reverse("conditions:list"))
            try:
                drafted = feedback.answer(user, said, link=link, **form.cleaned_data)
            except NotAllowed as refusal:
                form.add_error(None, ValidationError(str(refusal)))
            else:
                messages.success(request, "The answer is a draft now. Add its source, then submit.")
                return redirect("admin:conditions_statement_change", drafted.pk)
        return self._page(request, said, _answering(said), form)

    def close(self, request: HttpRequest, pk: Any) -> HttpResponse:
        """Settle without an answer on the page."""
        said, act = self._said(request, pk), _closing()
        form = WordsForm(act, request.POST if request.method == "POST" else None)
        if form.is_valid():
            user, link = cast("User", request.user), request.build_absolute_uri(reverse("conditions:list"))
            try:
                feedback.close(user, said, note=form.cleaned_data["words"], link=link)
            except NotAllowed as refusal:
                form.add_error(None, ValidationError(str(refusal)))
            else:
                messages.success(request, act.done)
                return redirect("admin:conditions_feedback_change", said.pk)
        return self._page(request, said, act, form)

    def _said(self, request: HttpRequest, pk: Any) -> Feedback:
        if not request.user.has_perm("conditions.change_feedback"):
            raise Http404
        return get_object_or_404(Feedback.objects.select_related("condition"), pk=pk)

    def _page(self, request: HttpRequest, said: Feedback, act: Act, form: forms.Form) -> HttpResponse:
        context = {**self.admin_site.each_context(request), "title": act.title, "act": act, "form": form}
        return render(request, "admin/conditions/feedback/settle.html", context | {"said": said})

    @admin.display(description="words")
    def begins(self, row: Feedback) -> str:
        """Give the first words."""
        return row.text if len(row.text) <= 90 else f"{row.text[:90].rsplit(' ', 1)[0]} …"

    @admin.display(description="answer due", ordering="due_on")
    def due(self, row: Feedback) -> str:
        """Say by when, and whether that is past."""
        if row.due_on is None or row.status != Feedback.Status.OPEN:
            return ""
        late = row.due_on < timezone.localdate()
        return f"{row.due_on:%-d %B %Y}{', overdue' if late else ''}"

    @admin.display(description="waits for a mail", boolean=True)
    def wants_mail(self, row: Feedback) -> bool:
        """Whether the reader left an address, which nobody needs to see."""
        return row.sealed_address is not None


def _answering(said: Feedback) -> Act:
    return Act(
        title="Answer on the page",
        text="The answer becomes a draft in “Questions and answers”. It needs a source and a review like any"
        " other statement. If the reader left an address, they are told now and when it is published; then"
        " the address is deleted.",
        button="Make it a draft",
        done="",
        cancel=reverse("admin:conditions_feedback_change", args=[said.pk]),
    )


def _closing() -> Act:
    return Act(
        title="Close without an answer on the page",
        text="Mend the page first if something was wrong. If the reader left an address, they are told that"
        " an editor has read it, without your words, and the address is deleted.",
        label="Why (colleagues see it)",
        button="Close",
        done="Closed.",
        cancel=reverse("admin:conditions_feedback_changelist"),
    )
