"""Every form of the admin site, filled in well: people and records of a clinic, and the content's drafts."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta

from django.db.models import Model
from django.test import Client
from django.utils import timezone

from conditions import publishing, translating
from conditions.models import MustSay, Release
from portal.identity import acting_as
from portal.models import User
from tests.cast import PASSWORD
from tests.identities import published
from tests.scene import Scene
from tests.writing_parts import PARTS, part_of
from tracker.models import ClinicStaff, Seat


@dataclass(frozen=True)
class Form:
    """A form in somebody's browser; `listed` are fields of the form that this body leaves out."""

    browser: Client
    address: str
    sent: dict[str, object] = field(default_factory=dict)
    listed: frozenset[str] = frozenset()
    status: int = 302


@dataclass
class Stage:
    """The scene, and who signs in on it."""

    scene: Scene
    sign_in: Callable[[User], Client]

    def person(self, word: str) -> User:
        """Somebody of the scene or of the cast."""
        staged = self.scene.people.get(word)
        return User.objects.get(email=staged.email if staged else f"{word}@test.example")

    def browser(self, word: str) -> Client:
        """Their browser, signed in and proved just now."""
        return self.sign_in(self.person(word))

    def content(self) -> dict[str, Model]:
        """A condition with a published release, and a row of each kind that editors write."""
        made = published(self.person("editor"), self.person("reviewer"))
        return {str(row._meta.model_name): row for row in made}

    def waiting(self) -> Release:
        """A second release of it, which waits for a reviewer."""
        made, editor = self.content(), self.person("editor")
        with acting_as(editor):
            type(made["statement"]).objects.filter(pk=made["statement"].pk).update(text="It changed.")
            return publishing.submit(editor, made["condition"], reason="Second")


def office(stage: Stage, address: str, **sent: object) -> Form:
    """A form of the clinic's administrator."""
    return Form(stage.browser("administrator"), f"/admin/{address}/", sent)


def add_person(stage: Stage) -> Form:
    return office(
        stage, "portal/user/add", name="New Person", email="begins@test.example", roles=["clinician"]
    )


def change_person(stage: Stage) -> Form:
    told = {"name": "Renamed", "roles": ["clinician", "reviewer"], "is_active": "on"}
    return office(stage, f"portal/user/{stage.person('unseated').pk}/change", **told)


def end_sessions(stage: Stage) -> Form:
    person = stage.person("unseated")
    Client().post("/accounts/login/", {"login": person.email, "password": PASSWORD})
    return office(stage, f"portal/user/{person.pk}/sessions/end")


def leave(stage: Stage) -> Form:
    person = stage.person("unseated")
    with acting_as(stage.person("administrator")):
        post = ClinicStaff.objects.get(user=person)
    return office(stage, f"portal/user/{person.pk}/leave", post=post.pk)


def change_clinic(stage: Stage) -> Form:
    told = {"phone": "0300 111 111", "hours": "weekdays 10 to 4", "hand_over_age": 15}
    return office(stage, f"tracker/clinic/{stage.scene.child.clinic_id}/change", **told)


def change_identity(stage: Stage) -> Form:
    told = {"name": "Corrected", "birth_date": "2011-05-02", "record_number": "C-18"}
    return office(stage, f"tracker/patient/{stage.scene.child.pk}/change", **told)


def join_team(stage: Stage) -> Form:
    colleague = stage.person("unseated").pk
    return office(stage, f"tracker/patient/{stage.scene.child.pk}/seats", colleague=colleague)


def end_seat(stage: Stage) -> Form:
    with stage.scene.acting("administrator"):
        seat = Seat.objects.get(user=stage.person("no_factor")).pk
    return office(stage, f"tracker/patient/{stage.scene.child.pk}/seats/{seat}/end")


def change_password(stage: Stage) -> Form:
    fresh = "quite another password"
    told = {"old_password": PASSWORD, "new_password1": fresh, "new_password2": fresh}
    return office(stage, "password_change", **told)


def rows(prefix: str, *forms: dict[str, object]) -> dict[str, object]:
    """A formset of new rows."""
    counted: dict[str, object] = {f"{prefix}-TOTAL_FORMS": len(forms), f"{prefix}-INITIAL_FORMS": 0}
    filled = {f"{prefix}-{number}-{name}": form[name] for number, form in enumerate(forms) for name in form}
    return {**counted, **filled}


def draft(stage: Stage, address: str, listed: set[str] | None = None, **sent: object) -> Form:
    """A form of an editor."""
    browser = stage.browser("editor")
    return Form(browser, f"/admin/conditions/{address}/", sent, frozenset(listed or ()))


NEW_CONDITION = {"name": "Newly named", "short_name": "NN", "summary": "For tests.", "review_months": 6}
NAMED = rows("names", {"text": "Another name", "kind": "synonym", "note": "Rare.", "ambiguous": "on"})


def add_condition(stage: Stage) -> Form:
    return draft(stage, "condition/add", slug="newly-named", **NEW_CONDITION, **NAMED)


def opened(stage: Stage, address: str) -> dict[str, object]:
    """The version that an editing page was opened in."""
    page = stage.browser("editor").get(f"/admin/conditions/{address}/")
    return {"opened": page.context["adminform"].form.initial["opened"]}


def change_condition(stage: Stage) -> Form:
    made = stage.content()
    address = f"condition/{made['condition'].pk}/change"
    return draft(stage, address, **opened(stage, address), **NEW_CONDITION, **NAMED)


def submit(stage: Stage) -> Form:
    made = stage.content()
    with acting_as(stage.person("editor")):
        type(made["statement"]).objects.update(text="It changed.")
    return draft(stage, f"condition/{made['condition'].pk}/submit", words="Second")


def bring_in(stage: Stage) -> Form:
    """The second step; the first, which tries the sheet, writes nothing."""
    made = stage.content()
    address = f"condition/{made['condition'].pk}/import"
    sheet = {"kind": "statements", "text": f"key,text\n{made['statement'].key},From a sheet.\n"}
    shown = stage.browser("editor").post(f"/admin/conditions/{address}/", sheet).content.decode()
    return draft(stage, address, plan=shown.split('name="plan" value="')[1].split('"')[0])


def section_of(made: dict[str, Model]) -> dict[str, object]:
    told = {"key": "two", "title": "Two", "position": 2, "kind": "care", "urgency": "urgent"}
    return {"condition": made["condition"].pk, **told}


def add_section(stage: Stage) -> Form:
    return draft(stage, "section/add", **section_of(stage.content()))


def change_section(stage: Stage) -> Form:
    made = stage.content()
    address = f"section/{made['section'].pk}/change"
    return draft(stage, address, **opened(stage, address), **section_of(made))


def add_part(word: str) -> Callable[[Stage], Form]:
    return lambda stage: draft(stage, f"{word}/add", **part_of(stage.content(), word))


def change_part(word: str) -> Callable[[Stage], Form]:
    def changed(stage: Stage) -> Form:
        made = stage.content()
        address = f"{word}/{made[word].pk}/change"
        return draft(stage, address, **opened(stage, address), **part_of(made, word))

    return changed


def source_of(made: dict[str, Model]) -> dict[str, object]:
    told = {"key": "t", "kind": "review", "title": "T", "authors": "A", "year": 2020, "published_in": "J"}
    told |= {"doi": "10.1000/1", "pmid": "1", "url": "https://example.org/", "read": "part", "note": "N"}
    return {"condition": made["condition"].pk, **told, "checked": "on"}


def add_source(stage: Stage) -> Form:
    return draft(stage, "source/add", **source_of(stage.content()))


def change_source(stage: Stage) -> Form:
    made = stage.content()
    address = f"source/{made['source'].pk}/change"
    return draft(stage, address, **opened(stage, address), **source_of(made))


def statement_of(made: dict[str, Model]) -> dict[str, object]:
    told = {"key": "second", "position": 2, "population": "adult", "question": "Q?", "text": "So it is."}
    told |= {"professional": "It is so.", "dissent": "One says no."}
    told |= {"decision": "It is newer.", "decided_by": "The board", "decided_on": "2026-01-31"}
    return {"section": made["section"].pk, **told}


def cited(made: dict[str, Model]) -> dict[str, object]:
    told = {"stance": "mentions", "locator": "p. 2", "checked": "on", "checked_on": "2026-01-31"}
    return {"source": made["source"].pk, **told}


def saying(made: dict[str, Model], stage: Stage) -> dict[str, object]:
    """That the statement says what must be said."""
    with acting_as(stage.person("editor")):
        must_say, _ = MustSay.objects.get_or_create(condition=made["condition"], key="m", text="M.")
    return {"must_say": must_say.pk}


def add_statement(stage: Stage) -> Form:
    made = stage.content()
    inlines = {**rows("citations", cited(made)), **rows("sayings", saying(made, stage))}
    return draft(stage, "statement/add", **statement_of(made), **inlines)


def change_statement(stage: Stage) -> Form:
    made = stage.content()
    statement = made["statement"]
    kept = {"id": statement.citations.get().pk, "statement": statement.pk, **cited(made)}
    inline = {**rows("citations", kept), "citations-INITIAL_FORMS": 1}
    inline |= rows("sayings", saying(made, stage))
    address = f"statement/{statement.pk}/change"
    return draft(stage, address, **opened(stage, address), **statement_of(made), **inline)


def unused(stage: Stage, word: str) -> Model:
    """A row that nothing rests on."""
    made = stage.content()
    if word in PARTS:
        return made[word]
    model, told = type(made[word]), {"condition": made["condition"], "key": "unused", "title": "U"}
    if word == "statement":
        told = {"section": made["section"], "key": "unused", "text": "U."}
    if word == "source":
        told |= {"kind": "review", "read": "part"}
    with acting_as(stage.person("editor")):
        return model.objects.create(**told)


def delete(word: str) -> Callable[[Stage], Form]:
    return lambda stage: draft(stage, f"{word}/{unused(stage, word).pk}/delete", post="yes")


def delete_several(word: str) -> Callable[[Stage], Form]:
    def chosen(stage: Stage) -> Form:
        told = {"action": "delete_selected", "_selected_action": [unused(stage, word).pk], "post": "yes"}
        return draft(stage, word, **told)

    return chosen


def approve(stage: Stage) -> Form:
    return step(stage, stage.waiting(), "approve", words="Read and compared.", interests="None.")


def send_back(stage: Stage) -> Form:
    return step(stage, stage.waiting(), "return", words="One source is missing.")


def publish(stage: Stage) -> Form:
    release, reviewer = stage.waiting(), stage.person("reviewer")
    with acting_as(reviewer):
        publishing.approve(reviewer, release, interests="None.")
    return step(stage, release, "publish")


def plan(stage: Stage) -> Form:
    release, reviewer = stage.waiting(), stage.person("reviewer")
    with acting_as(reviewer):
        publishing.approve(reviewer, release, interests="None.")
    return step(stage, release, "plan", at=f"{timezone.now() + timedelta(days=30):%Y-%m-%dT%H:%M}")


def withdraw(stage: Stage) -> Form:
    return step(stage, stage.content()["release"], "withdraw", words="It was wrong.")


def archive(stage: Stage) -> Form:
    return step(stage, stage.content()["release"], "archive", words="Nobody keeps it up.")


def reaffirm(stage: Stage) -> Form:
    return step(stage, stage.content()["release"], "reaffirm", words="", interests="None.")


def confirm(stage: Stage) -> Form:
    release, colleague = stage.content()["release"], stage.person("second_editor")
    with acting_as(colleague):
        publishing.withdraw(colleague, release, reason="It was wrong.")
    return step(stage, release, "confirm", words="I agree.")


def share(stage: Stage) -> Form:
    release = stage.waiting()
    return Form(
        stage.browser("editor"), f"/admin/conditions/release/{release.pk}/share/", {"days": 7}, status=200
    )


def translate(stage: Stage) -> Form:
    """A piece of a translation, typed by its editor."""
    condition, editor = stage.content()["condition"], stage.person("editor")
    with acting_as(editor):
        version = translating.begin(editor, condition, "de").version
    told = {"step": "save", "version": version, "piece-condition/name": "Zugang"}
    return draft(stage, f"condition/{condition.pk}/translations/de", **told)


def step(stage: Stage, release: Model, word: str, **sent: object) -> Form:
    """A step of a release, which a reviewer takes."""
    return Form(stage.browser("reviewer"), f"/admin/conditions/release/{release.pk}/{word}/", sent)


def say(stage: Stage) -> Form:
    """A reader's word, from somebody who is not signed in."""
    stage.content()
    told = {"kind": "error", "text": "A figure is wrong.", "email": "reader@mail.example"}
    return Form(Client(), "/conditions/access/feedback/", told)


def take_on(stage: Stage) -> Form:
    asked = stage.content()["feedback"]
    return draft(stage, f"feedback/{asked.pk}/change", owner=stage.person("editor").pk, due_on="2031-01-01")


def answer(stage: Stage) -> Form:
    told = {"question": "Why so?", "population": "child", "text": "Because."}
    return draft(stage, f"feedback/{stage.content()['feedback'].pk}/answer", **told)


def close(stage: Stage) -> Form:
    return draft(stage, f"feedback/{stage.content()['feedback'].pk}/close", words="Mended.")


DELETED = ("section", "source", "statement", *PARTS)
OFFICES: dict[str, Callable[[Stage], Form]] = {
    "admin:portal_user_add": add_person,
    "admin:portal_user_change": change_person,
    "admin:portal_user_end_sessions": end_sessions,
    "admin:portal_user_leave": leave,
    "admin:tracker_clinic_change": change_clinic,
    "admin:tracker_patient_change": change_identity,
    "admin:tracker_patient_seats": join_team,
    "admin:tracker_patient_end_seat": end_seat,
    "admin:password_change": change_password,
    "admin:conditions_condition_add": add_condition,
    "admin:conditions_condition_change": change_condition,
    "admin:conditions_condition_import": bring_in,
    "admin:conditions_condition_submit": submit,
    "admin:conditions_condition_translation": translate,
    "admin:conditions_section_add": add_section,
    "admin:conditions_section_change": change_section,
    "admin:conditions_source_add": add_source,
    "admin:conditions_source_change": change_source,
    "admin:conditions_statement_add": add_statement,
    "admin:conditions_statement_change": change_statement,
    **{f"admin:conditions_{word}_add": add_part(word) for word in PARTS},
    **{f"admin:conditions_{word}_change": change_part(word) for word in PARTS},
    **{f"admin:conditions_{word}_delete": delete(word) for word in DELETED},
    **{f"admin:conditions_{word}_changelist": delete_several(word) for word in DELETED},
    "admin:conditions_release_approve": approve,
    "admin:conditions_release_return": send_back,
    "admin:conditions_release_publish": publish,
    "admin:conditions_release_plan": plan,
    "admin:conditions_release_share": share,
    "admin:conditions_release_archive": archive,
    "admin:conditions_release_withdraw": withdraw,
    "admin:conditions_release_reaffirm": reaffirm,
    "admin:conditions_release_confirm": confirm,
    "conditions:feedback": say,
    "admin:conditions_feedback_change": take_on,
    "admin:conditions_feedback_answer": answer,
    "admin:conditions_feedback_close": close,
}
