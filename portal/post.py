"""Mail goes through the job queue: written with what it tells of, sent by the worker.

So no answer's time tells whether an account exists, and a mail server that is away loses nothing.
"""

import json
from collections.abc import Sequence

from django.conf import settings
from django.core.mail import EmailAlternative, EmailMessage, EmailMultiAlternatives, get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.db import transaction
from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from portal.models import Letter
from portal.secrecy import box

PURPOSE = "portal.post"
PARTS = ("subject", "body", "from_email", "to", "cc", "bcc", "reply_to")
# After 1, 6, 11 … 116 minutes: a server that is back hears soon, and 23 hours are waited out in all.
PATIENCE = RetryStrategy(max_attempts=24, wait=60, linear_wait=300, retry_exceptions=[OSError])


class Queue(BaseEmailBackend):
    """EMAIL_BACKEND of the demo and of production: keeps each mail sealed, with a job that sends it."""

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        """Queue them all, or none where the transaction around fails; gives how many.

        Errors: ValueError for a mail with files, since no health data leaves by mail.
        """
        letters = [Letter(sealed=seal(message)) for message in email_messages]
        with transaction.atomic():
            # bulk_create asks for nothing back: who writes a letter may not read it.
            Letter.objects.bulk_create(letters)
            for letter in letters:
                send_letter.defer(key=str(letter.key))
        return len(letters)


def seal(message: EmailMessage) -> bytes:
    """The whole mail as ciphertext. Errors: ValueError when it carries files."""
    if message.attachments:
        raise ValueError("Steady's mails carry no files.")
    told = {name: getattr(message, name) for name in PARTS}
    told["headers"] = message.extra_headers
    told["alternatives"] = getattr(message, "alternatives", [])
    return box(PURPOSE).encrypt(json.dumps(told, default=str).encode())  # a translated subject is lazy


def unseal(sealed: bytes) -> EmailMessage:
    """The mail that `seal` was given. Errors: InvalidToken when its SECRET_KEY is gone."""
    told = json.loads(box(PURPOSE).decrypt(sealed))
    told["alternatives"] = [EmailAlternative(*each) for each in told["alternatives"]]
    return EmailMultiAlternatives(**told)


@app.task(retry=PATIENCE)
def send_letter(key: str) -> None:
    """Send through POST_BACKEND, then delete; a letter that is gone was sent by an earlier run.

    Errors: OSError, of which SMTPException is one, and the queue tries again; after the last time the
    worker logs an error and the letter stays, so that the job can be put back by hand.
    """
    letter = Letter.objects.filter(pk=key).first()
    if letter is None:
        return
    get_connection(settings.POST_BACKEND).send_messages([unseal(bytes(letter.sealed))])
    letter.delete()
