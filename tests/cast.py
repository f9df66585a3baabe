"""The people every test knows, made once in the template by the owner.

`clinician`, `colleague` and `administrator` work at North Clinic, `stranger` at South Clinic;
nobody holds a seat before a test gives one.
"""

import django

NORTH, SOUTH = "North Clinic", "South Clinic"
PASSWORD = "a password for tests"
CAST = {
    "clinician": (["clinician"], NORTH),
    "colleague": (["clinician"], NORTH),
    "stranger": (["clinician"], SOUTH),
    "administrator": (["administrator"], NORTH),
    "editor": (["editor"], None),
    "reviewer": (["reviewer"], None),
    "second_editor": (["editor", "reviewer"], None),
    "auditor": (["auditor"], None),
    "family": (["family"], None),
    "other_family": (["family"], None),
    "doctor_parent": (["clinician", "family"], NORTH),
}


def assemble() -> None:
    """Write clinics, people and who works where, as the owner."""
    from allauth.account.models import EmailAddress

    from portal.models import User
    from tracker.models import Clinic, ClinicStaff

    clinics = {
        name: Clinic.objects.using("owner").create(name=name, phone="0300 000 000", hours="weekdays 9 to 5")
        for name in (NORTH, SOUTH)
    }
    for word, (roles, clinic) in CAST.items():
        user = User(email=f"{word}@test.example", name=word.replace("_", " ").title(), roles=roles)
        user.set_password(PASSWORD)
        user.save(using="owner")
        EmailAddress.objects.using("owner").create(
            user_id=user.pk, email=user.email, verified=True, primary=True
        )
        if clinic:
            ClinicStaff.objects.using("owner").create(clinic_id=clinics[clinic].pk, user_id=user.pk)


if __name__ == "__main__":
    django.setup()
    assemble()
