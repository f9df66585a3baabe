"""What a password may be, and what checking one may cost."""

import re
from threading import BoundedSemaphore

from django.conf import settings
from django.contrib.auth.hashers import Argon2PasswordHasher
from django.core.exceptions import ValidationError

from portal import demo
from portal.models import User

OWN_WORDS = re.compile(
    "opsoclonus|myoclonus|kinsbourne|hospital|syndrome|password|clinic|steady|diary|demo|oms"
)


class BoundedArgon2(Argon2PasswordHasher):
    """Argon2 that runs four times at once and no more in one process.

    Each run takes 100 MiB: forty sign-ins at once would take four gigabytes. The fifth waits a tenth
    of a second.
    """

    slots = BoundedSemaphore(4)

    def encode(self, password: str, salt: str) -> str:
        """A new hash."""
        with self.slots:
            return super().encode(password, salt)

    def verify(self, password: str, encoded: str) -> bool:
        """Whether `password` made `encoded`."""
        with self.slots:
            return super().verify(password, encoded)


class WellKnownPasswordValidator:
    """Refuse the demo's password wherever real people sign in."""

    def validate(self, password: str, user: User | None = None) -> None:
        """Errors: ValidationError in production for a password printed in our own documents."""
        if settings.PRODUCTION and password == demo.PASSWORD:
            raise ValidationError("This password is printed in Steady's documents. Choose another one.")

    def get_help_text(self) -> str:
        """The rule in one sentence, shown under the field."""
        return "It must not be the password of the demonstration."


class OwnWordsValidator:
    """Refuse what a stranger would try first here: our own words with a number behind."""

    def validate(self, password: str, user: User | None = None) -> None:
        """Errors: ValidationError when our words are all that it says, however dressed up."""
        rest, found = OWN_WORDS.subn("", password.casefold())
        if found and sum(letter.isalpha() for letter in rest) < 4:
            raise ValidationError("This is made of words that everybody here knows. Add some of your own.")

    def get_help_text(self) -> str:
        """The rule in one sentence, shown under the field."""
        return "It must be more than our own words and a number."
