"""`manage.py appoint`: the first people, who can then invite and appoint the others."""

from typing import Any

from allauth.account.models import EmailAddress
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.core.validators import validate_email
from django.db import transaction

from portal.models import User
from portal.roles import Role
from tracker import people
from tracker.models import Clinic, ClinicStaff


class Command(BaseCommand):
    """Run as the owner; the person sets their own password by the link that it prints."""

    help = "Give a person a role and a place at a clinic, making the account and the clinic where missing."

    def add_arguments(self, parser: CommandParser) -> None:
        """The address, and what to give its owner."""
        parser.add_argument("email")
        parser.add_argument("--name", required=True)
        parser.add_argument("--role", required=True, action="append", choices=Role.values, dest="roles")
        parser.add_argument("--clinic", default="")

    def handle(self, *args: Any, **options: Any) -> None:
        """Errors: CommandError for an address that is none."""
        email, name, clinic = (str(options[key]) for key in ("email", "name", "clinic"))
        try:
            validate_email(email)
        except ValidationError as error:
            raise CommandError(f"{email} is not an e-mail address.") from error
        with transaction.atomic("owner"):
            user = self._user(email.lower(), name, options["roles"])
            if clinic:
                place, _ = Clinic.objects.using("owner").get_or_create(name=clinic)
                ClinicStaff.objects.using("owner").get_or_create(clinic_id=place.pk, user_id=user.pk)
        path = people.password_path(user)
        self.stdout.write(
            f"{user.email}: {user.role_words}. Password: https://{settings.ALLOWED_HOSTS[0]}{path}"
        )

    def _user(self, email: str, name: str, roles: list[str]) -> User:
        users = User.objects.using("owner")
        user = users.filter(email=email).first() or User(email=email, name=name)
        user.roles = sorted({*user.roles, *roles})
        if not user.pk:
            user.set_unusable_password()
        user.save(using="owner")
        EmailAddress.objects.using("owner").get_or_create(
            user_id=user.pk, email=email, defaults={"verified": True, "primary": True}
        )
        return user
