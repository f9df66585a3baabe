"""The demonstration's accounts: invented people, one password, listed on the demo's sign-in page."""

from typing import NamedTuple

from portal.roles import Role

PASSWORD = "steady-demo"  # noqa: S105 - printed on the demo's sign-in page, refused in production


class Account(NamedTuple):
    """One account: its address, its role, its name, and what a visitor finds there."""

    email: str
    role: Role
    name: str
    what: str


ACCOUNTS = [
    Account("clinician@demo.example", Role.CLINICIAN, "Dr Casey Example", "Clinician at Harbour Clinic"),
    Account("colleague@demo.example", Role.CLINICIAN, "Dr Alex Example", "Colleague at Harbour Clinic"),
    Account("clinician2@demo.example", Role.CLINICIAN, "Dr Noor Example", "Clinician at Lakeside Clinic"),
    Account("family@demo.example", Role.FAMILY, "Sam Example", "Parent of one child"),
    Account("family2@demo.example", Role.FAMILY, "Lou Example", "Parent of two children"),
    Account("editor@demo.example", Role.EDITOR, "Eddie Example", "Editor of condition information"),
    Account("reviewer@demo.example", Role.REVIEWER, "Dr Rita Example", "Clinical reviewer of releases"),
    Account("admin@demo.example", Role.ADMINISTRATOR, "Ada Example", "Administrator of Harbour Clinic"),
    Account("auditor@demo.example", Role.AUDITOR, "Otto Example", "Auditor of the trail"),
]
