"""Every form of the diary and its office, filled in well: who posts what where."""

from datetime import date, timedelta
from uuid import UUID, uuid4

from django.core import signing
from django.db import transaction
from django.utils import timezone

from tests.probes import keys_of
from tests.scene import BORN, CANARIES, Scene
from tests.tracker.charting import ITEMS
from tests.tracker.family_form import HOME, QUIET, body
from tracker.forms.rules import DETECTOR, WORKLIST, RulesForm
from tracker.models import (
    CheckIn,
    ClinicianRating,
    DueItem,
    EmergencyAccess,
    Episode,
    Invitation,
    Mark,
    Redaction,
    Review,
    Seat,
    Treatment,
)
from tracker.views.rules import SALT, USUAL

ACTS = (
    "check-in",
    "amend",
    "mistake",
    "message",
    "review",
    "invite",
    "withdraw",
    "refuse",
    "join",
    "renew",
    "end",
)
ACTS += ("freeze", "hide", "show", "state", "register", "break-glass", "end-emergency", "finding")
ACTS += ("rate", "correct-rating", "rating-mistake", "episode-edit", "episode-end", "plan", "plan-change")
ACTS += ("plan-stop", "dose", "mark", "mark-end", "due", "due-done", "due-drop", "tags", "pin")
ACTS += ("episode-new", "undo-review", "hand-over", "rules", "thaw")
Post = tuple[str, str, dict[str, object], set[str]]


def writing(scene: Scene) -> dict[str, Post]:
    """Who posts what where; the last are fields the form lists that this body leaves out."""
    keys = keys_of(scene, "child")
    child, entry = keys["key"], keys["entry"]
    with transaction.atomic(), scene.acting("seated"):
        told = known(scene)
    reason = {"reason": "Because it is needed for this test."}
    soon = (timezone.localdate() + timedelta(days=90)).isoformat()
    diary, chart = f"/log/{child}", f"/patients/{child}"
    more = {
        "worried",
        "sleep_hours",
        "wakings",
        "temperature_c",
        "falls",
        "all_doses",
        "note",
        "other_day",
        "zone",
    }
    review = {"outcome": "watch", "covers_until": timezone.now().isoformat()}
    heard = {"message", "private_note", "next_on", "handed_to"}
    invited = {"name": "New", "email": "new@test.example", "basis": "parent", "ground": "court"}
    return {
        "check-in": ("own", f"{diary}/check-in/", body(**QUIET), more),
        "amend": ("own", f"{diary}/check-in/{told['mine']}/amend/", body(**HOME, kind="home_check"), more),
        "mistake": ("own", f"{diary}/check-in/{told['mine']}/mistake/", reason, set()),
        "message": ("own", f"{diary}/messages/", {"text": "Hello."}, set()),
        "review": ("seated", f"{chart}/review/", review, heard),
        "invite": ("seated", f"{chart}/invite/", invited, {"ends_on"}),
        "withdraw": ("seated", f"{chart}/invite/{told['offer']}/withdraw/", {}, set()),
        "refuse": ("seated", f"{chart}/seats/refuse/", {"name": "N", "basis": "parent", **reason}, set()),
        "join": ("seated", f"{chart}/seats/join/", {"colleague": scene.people["unseated"].pk}, set()),
        "renew": ("seated", f"{chart}/seats/{told['seat']}/renew/", {"ends_on": soon}, set()),
        "end": ("seated", f"{chart}/seats/{told['seat']}/end/", {}, set()),
        "freeze": ("seated", f"{chart}/freeze/", reason, set()),
        "hide": ("seated", f"{chart}/entries/{entry}/hide/",
                 {"hidden_from": scene.people["oneself"].pk, **reason}, set()),
        "show": ("seated", f"{chart}/hidden/{told['redaction']}/show/", {}, set()),
        "state": ("seated", f"{chart}/state/", {"state": "discharged", "on": timezone.localdate()}, set()),
        "register": ("seated", "/patients/register/",
                     {"name": "R", "birth_date": BORN, "record_number": "R-77"}, set()),
        "break-glass": ("unseated", "/break-glass/", {"record_number": f"{CANARIES['child']}-17",
                        "birth_date": BORN, "purpose": "treating", **reason}, set()),
        "end-emergency": ("break_glass", f"/break-glass/{told['emergency']}/end/", {}, set()),
        "finding": ("auditor", f"/trail/emergencies/{told['emergency']}/",
                    {"finding": "It was in order, as far as one can see."}, set()),
        **charting(scene, told),
        **deciding(scene, told),
    }  # fmt: skip


def charting(scene: Scene, told: dict[str, UUID | int]) -> dict[str, Post]:
    """The forms of a treating clinician."""
    chart, today = f"/patients/{scene.child.pk}", timezone.localdate()
    rated = {"key": uuid4(), "on": today, "setting": "clinic", **ITEMS}
    planned = {"agent": "Omeprazole", "form": "daily", "starts_on": today + timedelta(days=1)}
    rest = {"ends_on", "amount", "unit", "doses_per_day", "every_days", "note", "days", "times", "every"}
    dosed = {"key": uuid4(), "outcome": "held", "on": today}
    about = {"peak_on", "peak_total", "treated_with", "returned_on", "note"}
    posts: dict[str, tuple[str, dict[str, object], set[str]]] = {
        "rate": ("ratings/new", rated, {"note"}),
        "correct-rating": (f"ratings/{told['rating']}/correct", rated, {"note"}),
        "rating-mistake": (f"ratings/{told['rating']}/mistake", {"reason": "Wrong child."}, set()),
        "episode-new": (
            "episodes/new",
            {"trigger": "none", "started_on": ago(60), "returned_on": ago(50)},
            about,
        ),
        "episode-edit": (f"episodes/{told['episode']}/edit", {"trigger": "taper"}, about),
        "episode-end": (f"episodes/{told['episode']}/end", {"returned_on": today}, set()),
        "plan": ("treatments/new", planned, rest),
        "plan-change": (f"treatments/{told['treatment']}/change", planned, rest),
        "plan-stop": (f"treatments/{told['treatment']}/stop", {"ends_on": today}, {"reason"}),
        "dose": (f"treatments/{told['treatment']}/dose", dosed, {"at", "reason"}),
        "mark": (
            "marks/new",
            {"name": "steroid_exposed", "starts_on": today},
            {"ends_on", "systolic", "diastolic"},
        ),
        "mark-end": (f"marks/{told['mark']}/end", {"ends_on": today}, set()),
        "due": ("due", {"kind": "eyes", "due_on": today}, {"text", "every_weeks"}),
        "due-done": (f"due/{told['item']}/done", {"on": today}, set()),
        "due-drop": (f"due/{told['item']}/drop", {"reason": "Done elsewhere."}, set()),
        "tags": ("tags", {"name": "A new word"}, {"tags", "team"}),
        "pin": ("notes/new", {"on": today, "text": "A note."}, set()),
    }
    return {act: ("seated", f"{chart}/{rest}/", sent, listed) for act, (rest, sent, listed) in posts.items()}


def ago(days: int) -> date:
    """A day in the past."""
    return timezone.localdate() - timedelta(days=days)


def deciding(scene: Scene, told: dict[str, UUID | int]) -> dict[str, Post]:
    """The forms about a look that was taken, about a clinic's flags, and about a record that was shut."""
    child, clinic = scene.child, scene.child.clinic_id
    handed = {"clinic": clinic, "patients": [child.pk], "colleague": scene.people["unseated"].pk}
    form = RulesForm(None, USUAL)
    numbers = {name: form[name].value() for name in (*DETECTOR, *WORKLIST)}
    tried = [[clinic, "flags", {}, {}], {"patients": 1, "years": 0.5, "found": {}}]
    decided = {"mode": "flags", "safety_officer": "Sam Safety", "reason": "We agreed on it.", **numbers}
    decided["ticket"] = signing.dumps(tried, salt=SALT)
    opened = {"reason": "The question is answered."}
    return {
        "undo-review": ("seated", f"/patients/{child.pk}/review/{told['review']}/undo/", {}, set()),
        "hand-over": ("seated", "/hand-over/", handed, set()),
        "rules": ("seated", f"/rules/{clinic}/", decided, set()),
        "thaw": ("stranger", f"/patients/{scene.shut.pk}/open-again/", opened, set()),
    }


def known(scene: Scene) -> dict[str, UUID | int]:
    """Rows that the addresses name."""
    mine = CheckIn.objects.filter(author=scene.people["own"], error_reason="", replaced_by=None)
    return {
        "mine": mine.exclude(pk__in=scene.hidden).get().pk,
        "offer": Invitation.objects.get(accepted_at=None).pk,
        "seat": Seat.objects.get(user=scene.people["redacted"]).pk,
        "redaction": Redaction.objects.get(lifted_at=None).pk,
        "emergency": EmergencyAccess.objects.get().pk,
        "rating": ClinicianRating.objects.get().pk,
        "review": Review.objects.get(undoing=None).pk,
        "treatment": Treatment.objects.get().pk,
        "episode": Episode.objects.get().pk,
        "mark": Mark.objects.get().pk,
        "item": DueItem.objects.get().pk,
    }
