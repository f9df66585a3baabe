"""`manage.py demo`: fill an empty database with invented people and their stories."""

from datetime import date
from pathlib import Path

from allauth.account.models import EmailAddress
from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.core.management.base import BaseCommand, CommandError
from django.db import connections, transaction
from django.utils import timezone

from conditions import loading, packed, publishing
from conditions.models import Condition
from conditions.pack import read
from portal.demo import ACCOUNTS, PASSWORD
from portal.identity import acting_as
from portal.models import DemoMark, User
from portal.roles import Role
from tracker import flags, rules, status
from tracker.models import Clinic, ClinicStaff, Patient, Rules
from tracker.stories import course
from tracker.stories.telling import tell

FOLDER = Path(settings.BASE_DIR) / "conditions" / "packs"
PACKS = [FOLDER / "opsoclonus-myoclonus-syndrome", FOLDER / "marble-hum-syndrome"]  # the second is invented
CLINICS = {
    "Harbour Clinic (demonstration)": ["clinician", "colleague", "admin"],
    "Lakeside Clinic (demonstration)": ["clinician2"],
}
# story: its clinician, and who logs; people without an account of their own get one nobody can use.
STORIES = {
    "ava": ("clinician", ["family", "ava.second"]),
    "ben": ("clinician", ["family2", "ben.second"]),
    "chidi": ("clinician", ["chidi.first", "chidi.second"]),
    "dana": ("clinician", ["dana.first", "dana.second"]),
    "hana": ("clinician", ["hana.first", "hana.second"]),
    "ivo": ("clinician", ["family2", "ivo.second"]),
    "jun": ("clinician", ["jun.first", "jun.second"]),
    "eli": ("clinician2", ["eli.first", "eli.second"]),
    "fatima": ("clinician2", ["fatima.first", "fatima.second"]),
    "george": ("clinician", ["george.first", "george.second"]),
}
RULES = {
    "mode": Rules.Mode.FLAGS,
    "safety_officer": "Sam Safety Example",
    "reason": "The demonstration shows flags on invented courses.",
}
REVIEWED = {"ava", "dana", "jun", "george"}  # the worklist should have somebody in every section


class Command(BaseCommand):
    """Repeatable: what is there already is left alone."""

    help = "Load the condition packs, ten invented stories and the demo accounts; needs STEADY_MODE=demo."

    def handle(self, *args: object, **options: object) -> None:
        """Errors: CommandError outside demo mode, or on a database that holds anything else."""
        if not settings.DEMO:
            raise CommandError("The demonstration is only loaded with STEADY_MODE=demo.")
        if not DemoMark.objects.exists():
            self._mark()
        people = self._people()
        self._clinics(people)
        self._content()
        for story, (clinician, family) in STORIES.items():
            self._story(story, people[clinician], family, people)
        for staff in CLINICS.values():
            self._rules(people[staff[0]])
        self.stdout.write("The demonstration is ready.")

    def _mark(self) -> None:
        if User.objects.exists() or Condition.objects.exists():
            raise CommandError("This database holds something already; the demonstration needs an empty one.")
        DemoMark.objects.using("owner").create()

    def _people(self) -> dict[str, User]:
        accounts = {account.email: (account.name, account.role, PASSWORD) for account in ACCOUNTS}
        for story, (_, family) in STORIES.items():
            for word in family:
                name = f"{story.title()}'s family Example"
                accounts.setdefault(f"{word}@demo.example", (name, Role.FAMILY, ""))
        known = set(User.objects.filter(email__in=accounts).values_list("email", flat=True))
        secret = make_password(PASSWORD)
        for email, (name, role, password) in accounts.items():
            if email not in known:
                self._person(email, name, role, secret if password else make_password(None))
        return {user.email.split("@")[0]: user for user in User.objects.filter(email__in=accounts)}

    def _person(self, email: str, name: str, role: str, password: str) -> None:
        """As the owner, since nobody who signs in gives roles to newcomers."""
        user = User(email=email, name=name, roles=[role], password=password)
        user.save(using="owner")
        EmailAddress.objects.using("owner").create(user=user, email=email, verified=True, primary=True)

    def _clinics(self, people: dict[str, User]) -> None:
        for name, staff in CLINICS.items():
            clinic, _ = Clinic.objects.using("owner").get_or_create(
                name=name,
                defaults={"phone": "01632 960 000", "hours": "weekdays, 9 to 17", "network": "Coast"},
            )
            for word in staff:
                ClinicStaff.objects.using("owner").get_or_create(clinic_id=clinic.pk, user_id=people[word].pk)
        connections["owner"].close()

    def _content(self) -> None:
        for pack in PACKS:
            told = read(pack)
            changes = loading.load(told)
            condition = Condition.objects.get(slug=pack.name)
            packed.load(condition, told.translations)
            if changes or not condition.releases.published().exists():
                release = publishing.submit(None, condition, reason="The shipped pack")
                publishing.publish_unapproved(release)
                self.stdout.write(f"{condition}: {len(changes)} changes loaded and published unapproved.")

    @transaction.atomic
    def _rules(self, clinician: User) -> None:
        """Flags for clinicians, from the beginning of each story; reviews of then cover those of then."""
        with acting_as(clinician):
            clinic = Clinic.objects.get(staff__user=clinician)
            if rules.in_force(clinic):
                return
            rules.decide(clinician, Rules(clinic=clinic, **RULES))
            for patient in Patient.objects.visible_to(clinician).select_related("clinic"):
                flags.raise_since(patient, date.min)
                status.recount(patient)

    @transaction.atomic
    def _story(self, story: str, clinician: User, family: list[str], people: dict[str, User]) -> None:
        with acting_as(clinician):
            if Patient.objects.filter(record_number=f"DEMO-{story.upper()}").exists():
                return
        now = timezone.now()
        told = course(story, now.date(), now=now)
        self.stdout.write(f"{told.name}: {len(told.entries)} entries …", ending="")
        self.stdout.flush()
        clinic = Clinic.objects.get(staff__user=clinician)
        writers = [people[word] for word in family[: len(told.caregivers)]]
        tell(told, clinic, clinician, writers, now=now, to_the_end=story in REVIEWED)
        self.stdout.write(" done")
