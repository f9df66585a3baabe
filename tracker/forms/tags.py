"""What a clinician chooses of a clinic's tags and teams for a patient."""

from typing import Any

from django import forms

from portal.models import User
from tracker.models import Patient, Tag

UNKNOWN = "Choose among the tags shown here."


class TagField(forms.ModelMultipleChoiceField[Tag]):
    """Tags by name, teams named as such."""

    def label_from_instance(self, obj: Tag) -> str:
        """`North team (team)`."""
        return f"{obj.name} (team)" if obj.team else obj.name


class TagsForm(forms.Form):
    """Which of the clinic's tags a patient carries, and perhaps a new one."""

    name = forms.CharField(
        label="A new tag",
        max_length=40,
        required=False,
        help_text="For the whole clinic. No names of people and no diagnoses: addresses hold its key only.",
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    team = forms.BooleanField(label="The new tag is a team", required=False)

    def __init__(self, user: User, patient: Patient, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        tags = Tag.objects.filter(clinic=patient.clinic_id).order_by("-team", "name")
        self.fields["tags"] = TagField(
            label="Tags and teams",
            queryset=tags,
            required=False,
            widget=forms.CheckboxSelectMultiple,
        )
        self.order_fields(["tags", "name", "team"])
        if not user.clinic_posts.filter(clinic=patient.clinic_id).exists():
            del self.fields["name"], self.fields["team"]  # a helper from elsewhere makes no words here

    def clean_name(self) -> str:
        """Without spaces around and within, as a clinic would never tell them apart."""
        return " ".join(str(self.cleaned_data["name"]).split())

    def clean(self) -> dict[str, Any]:
        """A team has a name."""
        told = super().clean() or {}
        if "tags" in self.errors:  # above the form, as there may be no box beside which to say it
            self.errors.pop("tags")
            self.add_error(None, UNKNOWN)
        if told.get("team") and not told.get("name") and "name" not in self.errors:
            self.add_error("name", "Write the name of the team.")
        return told
