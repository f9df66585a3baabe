"""One page for each step of a release: what it does, a reason where one is due, a button, a way back."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from conditions.admin.findings import Located
from conditions.models import Release
from conditions.publishing import NotAllowed


@dataclass(frozen=True)
class Act:
    """What the page says. Without `label` no words are asked for; `longest` 300 fits a release's reason.

    With `interests` the reviewer's are asked for as well, with `at` a time, which may stay empty.
    """

    title: str
    text: str
    button: str
    done: str
    cancel: str = ""
    label: str = ""
    required: bool = True
    longest: int = 300
    interests: bool = False
    at: bool = False


class WordsForm(forms.Form):
    """The words that go with an act."""

    words = forms.CharField(widget=forms.Textarea(attrs={"rows": 4, "cols": 60}))
    interests = forms.CharField(
        label="Your interests (readers see them)",
        max_length=600,
        help_text="Money, posts or research to do with this condition. “None.” if there are none.",
        widget=forms.Textarea(attrs={"rows": 3, "cols": 60}),
        error_messages={"required": "Say which interests you have, or that you have none."},
    )

    at = forms.DateTimeField(
        label="When (empty: by hand)",
        required=False,
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}),
        error_messages={"invalid": "Write a day and a time, like 2027-03-01 09:00."},
    )

    def __init__(self, act: Act, *arguments: Any) -> None:
        super().__init__(*arguments)
        if not act.interests:
            del self.fields["interests"]
        if not act.at:
            del self.fields["at"]
        if not act.label:
            del self.fields["words"]
            return
        field = self.fields["words"] = forms.CharField(
            label=act.label,
            required=act.required,
            max_length=act.longest,
            widget=forms.Textarea(attrs={"rows": 4, "cols": 60}),
        )
        field.error_messages["required"] = "Write a sentence, so that others can understand this step."


def ask_and_do(
    request: HttpRequest,
    act: Act,
    do: Callable[..., Release],
    findings: dict[str, list[Located]] | None = None,
) -> HttpResponse:
    """Show the page; on POST do it, and go to the release, or say why not and keep what was typed.

    `do` takes the words, and by name whatever else the act asks for; `findings` are listed above.
    """
    form = WordsForm(act, request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            release = do(form.cleaned_data.pop("words", ""), **form.cleaned_data)
        except NotAllowed as refusal:
            form.add_error(None, ValidationError(str(refusal)))
        else:
            messages.success(request, act.done)
            return redirect(reverse("admin:conditions_release_change", args=[release.pk]))
    context = {**admin.site.each_context(request), "title": act.title, "act": act, "form": form}
    context["findings"] = findings
    return render(request, "admin/conditions/act.html", context)
