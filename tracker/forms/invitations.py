"""What an invited person fills in to get an account."""

from typing import Any

from crispy_forms.helper import FormHelper
from django import forms
from django.contrib.auth.password_validation import password_validators_help_texts, validate_password
from django.core.exceptions import ValidationError

from portal.models import User


class AccountForm(forms.Form):
    """Name and password; the address is the invited one and cannot be changed."""

    name = forms.CharField(
        label="Your name",
        help_text="As the clinic knows you.",
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
        error_messages={"required": "Write your name."},
    )
    password = forms.CharField(
        label="A new password",
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        error_messages={"required": "Choose a password."},
    )
    again = forms.CharField(
        label="The same password again",
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        error_messages={"required": "Write the password a second time."},
    )

    def __init__(self, email: str, *arguments: Any, **options: Any) -> None:
        self.email = email
        super().__init__(*arguments, **options)
        self.fields["password"].help_text = " ".join(password_validators_help_texts()[1:2])

    def clean_name(self) -> str:
        """Errors: ValidationError over 200 letters, which is what a row holds; any script will do."""
        name: str = self.cleaned_data["name"]
        if len(name) > 200:
            raise ValidationError(f"This is too long: {len(name)} letters. Use 200 at most.")
        return name

    def clean(self) -> dict[str, Any]:
        """Errors: what Django's password validators say, and two passwords that differ."""
        told: dict[str, Any] = super().clean() or {}
        password, again = told.get("password"), told.get("again")
        if password and again and password != again:
            self.add_error("again", "The two passwords differ. Write the same one twice.")
        if password:
            try:
                validate_password(password, User(email=self.email, name=told.get("name", "")))
            except ValidationError as error:
                self.add_error("password", error)
        return told

    @property
    def helper(self) -> FormHelper:
        """The fields alone; the template writes tag, token and button."""
        helper = FormHelper()
        helper.form_tag = False
        helper.disable_csrf = True
        return helper
