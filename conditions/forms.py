"""What readers type about a page."""

from typing import Any

from django import forms
from django.core.validators import MaxLengthValidator
from django.utils.translation import gettext_lazy as _

from conditions.models import Feedback
from conditions.models.feedback import LONGEST
from conditions.models.statement import no_nul

TOO_LONG = _(
    "This is too long: %(show_value)d letters. Shorten it to %(limit_value)d; your text is still here."
)


class FeedbackForm(forms.Form):
    """A vote, an error or a question; an address only from who wants to be told."""

    kind = forms.ChoiceField(
        label=_("What would you like to say?"),
        choices=Feedback.Kind.choices,
        widget=forms.RadioSelect,
        error_messages={
            "required": _("Choose what you would like to say."),
            "invalid_choice": _("Choose one of the four."),
        },
    )
    text = forms.CharField(
        label=_("In your words"),
        required=False,
        # No maxlength in the page: browsers would cut a pasted text without a word.
        widget=forms.Textarea(attrs={"rows": 6}),
        validators=[MaxLengthValidator(LONGEST, message=TOO_LONG), no_nul],
        help_text=_("Do not write who you or your child are, nor anything about one person’s illness."),
    )
    email = forms.EmailField(
        label=_("Your e-mail address, if you want to be told"),
        required=False,
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
        help_text=_("For errors and questions only. Used once, then deleted; we never pass it on."),
        error_messages={"invalid": _("This is no e-mail address. Mend it, or leave it empty.")},
    )

    def clean(self) -> dict[str, Any]:
        """Refuse an error or a question without words."""
        told: dict[str, Any] = super().clean() or self.cleaned_data
        kind = told.get("kind")
        if kind and kind not in Feedback.VOTES and "text" not in self.errors and not told.get("text"):
            self.add_error("text", _("Say in a sentence what is wrong, or what you would like to know."))
        return told
