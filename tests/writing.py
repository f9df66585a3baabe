"""Every form of the diary and its office, filled in well: who posts what where."""

from datetime import timedelta
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from tests.probes import keys_of
from tests.scene import BORN, CANARIES, Scene
from tests.tracker.family_form import HOME, QUIET, body
from tracker.models import CheckIn, EmergencyAccess, Invitation, Redaction, Seat

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
    invited = {"name": "New", "email": "new@test.example", "basis": "parent", "ground": "court"}
    return {
        "check-in": ("own", f"{diary}/check-in/", body(**QUIET), more),
        "amend": ("own", f"{diary}/check-in/{told['mine']}/amend/", body(**HOME, kind="home_check"), more),
        "mistake": ("own", f"{diary}/check-in/{told['mine']}/mistake/", reason, set()),
        "message": ("own", f"{diary}/messages/", {"text": "Hello."}, set()),
        "review": ("seated", f"{chart}/review/", review, {"message", "private_note"}),
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
    }  # fmt: skip


def known(scene: Scene) -> dict[str, UUID | int]:
    """Rows that the addresses name."""
    mine = CheckIn.objects.filter(author=scene.people["own"], error_reason="", replaced_by=None)
    return {
        "mine": mine.exclude(pk__in=scene.hidden).get().pk,
        "offer": Invitation.objects.get(accepted_at=None).pk,
        "seat": Seat.objects.get(user=scene.people["redacted"]).pk,
        "redaction": Redaction.objects.get(lifted_at=None).pk,
        "emergency": EmergencyAccess.objects.get().pk,
    }
