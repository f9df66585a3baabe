"""The forms at the door, as allauth has them, in our words and on the trail."""

import struct
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from allauth.account.forms import LoginForm as PasswordForm
from allauth.mfa.base.forms import AuthenticateForm, ReauthenticateForm
from allauth.mfa.models import Authenticator
from allauth.mfa.webauthn.forms import (
    AddWebAuthnForm,
    AuthenticateWebAuthnForm,
    LoginWebAuthnForm,
    ReauthenticateWebAuthnForm,
)
from django import forms
from django.core.exceptions import ValidationError

from portal import audit


class LoginForm(PasswordForm):
    """Address and password, and whether this device is one's own."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        remember = self.fields["remember"]
        remember.label = "Keep me signed in on this device"
        remember.help_text = (
            "For families, on your own phone or computer. Staff are signed out after 15 quiet minutes."
        )


class CodeForm(AuthenticateForm):
    """A code from the app, or a recovery code; a wrong one is on the trail."""

    def clean_code(self) -> str:
        """Errors: ValidationError for a wrong or used code, or too many of them."""
        try:
            code: str = super().clean_code()
        except ValidationError:
            audit.record(None, "second factor failed", self.user)
            raise
        return code


class CodeAgainForm(ReauthenticateForm):
    """A code from somebody who is signed in."""

    def clean_code(self) -> str:
        """Errors: ValidationError for a wrong or used code, or too many of them."""
        try:
            code: str = super().clean_code()
        except ValidationError:
            audit.record(self.user, "confirmation failed", self.user)
            raise
        audit.record(self.user, "confirmed by code", self.user)
        return code


@contextmanager
def only_from_devices() -> Iterator[None]:
    """Errors: ValidationError where an answer that no device gave breaks the library that reads it."""
    try:
        yield
    except (AttributeError, LookupError, TypeError, ValueError, struct.error) as error:
        raise ValidationError("This is not a passkey's answer. Try again.") from error


class PasskeyForm(LoginWebAuthnForm):
    """A passkey instead of address and password."""

    def clean_credential(self) -> Authenticator:
        """Errors: ValidationError for an answer that no passkey here gave."""
        with only_from_devices():
            return super().clean_credential()


class PasskeyStepForm(AuthenticateWebAuthnForm):
    """A passkey after the password; a wrong one is on the trail."""

    def clean_credential(self) -> Authenticator:
        """Errors: ValidationError for an answer that no passkey of theirs gave."""
        try:
            with only_from_devices():
                return super().clean_credential()
        except ValidationError:
            audit.record(None, "second factor failed", self.user)
            raise


class PasskeyAgainForm(ReauthenticateWebAuthnForm):
    """A passkey from somebody who is signed in."""

    def clean_credential(self) -> Authenticator:
        """Errors: ValidationError for an answer that no passkey of theirs gave."""
        with only_from_devices():
            passkey = super().clean_credential()
        audit.record(self.user, "confirmed by passkey", self.user)
        return passkey


class NewPasskeyForm(AddWebAuthnForm):
    """A passkey to add, which also signs in alone unless its owner says no."""

    name = forms.CharField(
        label="A name for it",
        required=False,
        max_length=80,
        help_text="So that you can tell it from another: “My phone”.",
    )
    passwordless = forms.BooleanField(
        label="Sign in with it alone, without the password",
        required=False,
        initial=True,
        help_text="Your device asks for its own lock: a finger, your face or its PIN.",
    )

    def clean(self) -> dict[str, Any]:
        """Errors: ValidationError for an answer that no device gave."""
        with only_from_devices():
            told: dict[str, Any] = super().clean()
        return told
