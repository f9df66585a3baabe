"""How a translation moves: begin, save, submit, publish or return, withdraw.

Each function is one transaction with its line in the trail. Every rule stands here, with a sentence, and
again in the database (migration `0013`), whose refusals get the same sentences.
"""

from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Q, QuerySet

from conditions import snapshot
from conditions.formats import current
from conditions.guards import DOSE
from conditions.models import Condition, Release, TranslationRelease, TranslationVerdict
from conditions.pieces import Stored, pieces_of
from conditions.snapshot import Snapshot
from conditions.steps import NotAllowed, demand, explained, lock
from portal import audit
from portal.models import User

State = TranslationRelease.State
Verdict = TranslationVerdict.Verdict
EDIT, CHECK = "conditions.submit_release", "conditions.approve_release"
LONGEST = 4000
ENGLISH = "en"


class Stale(NotAllowed):
    """Somebody saved the translation meanwhile."""


def languages() -> dict[str, str]:
    """The languages that content is translated into, by code."""
    return {code: name for code, name in settings.LANGUAGES if code.partition("-")[0] != ENGLISH}


def english(condition: Condition) -> tuple[Release | None, Snapshot]:
    """What is translated: the release that readers see, or the draft while there is none."""
    release = Release.objects.published().filter(condition=condition).first()
    return release, current(release.snapshot) if release else snapshot.take(condition)


def begin(user: User, condition: Condition, language: str) -> TranslationRelease:
    """Start a draft from what is published in the language, if anything. Errors: NotAllowed."""
    demand(user, EDIT, "Only an editor translates.")
    if language not in languages():
        raise NotAllowed("This is not a language that we translate into.")
    with explained(), transaction.atomic():
        lock(condition.pk)
        own = TranslationRelease.objects.filter(condition=condition, language=language)
        if own.underway().exists():
            raise NotAllowed("Somebody has begun already. Open that draft.")
        before = own.published().first()
        base = {"pieces": before.pieces, "method": before.method} if before else {}
        made = TranslationRelease.objects.create(condition=condition, language=language, **base)
        audit.record(user, "translation.begun", made)
    made.refresh_from_db()
    return made


def save(
    user: User, translation: TranslationRelease, texts: Mapping[str, str], *, version: int, fits: set[str]
) -> TranslationRelease:
    """Store the texts by key; an empty one takes the translation away.

    A text that is sent back as it was keeps the hash that it has, unless its key is among `fits`: somebody
    found that it says what the English says now. Errors: NotAllowed; Stale.
    """
    demand(user, EDIT, "Only an editor translates.")
    with explained(), transaction.atomic():
        translation = _locked(translation, version, State.DRAFT)
        kept = dict(translation.pieces)
        for piece in pieces_of(english(translation.condition)[1]):
            if piece.key in texts:
                _put(kept, piece.key, texts[piece.key], piece.hash, again=piece.key in fits)
        if kept != translation.pieces:
            translation.pieces = kept
            translation.save(update_fields=["pieces"])
            audit.record(user, "translation.saved", translation)
    translation.refresh_from_db()
    return translation


def _put(kept: dict[str, Any], key: str, typed: str, source: str, *, again: bool) -> None:
    """One piece as typed. Errors: NotAllowed for what cannot be stored."""
    text = typed.replace("\r\n", "\n").strip()
    if len(text) > LONGEST:
        raise NotAllowed(f"{key}: keep a translation under {LONGEST} characters.")
    if "\0" in text:
        raise NotAllowed(f"{key}: a character in it cannot be stored; remove it.")
    if not text:
        kept.pop(key, None)
    elif again or kept.get(key, {}).get("text") != text:
        kept[key] = {"source": source, "text": text}


def submit(user: User, translation: TranslationRelease, *, version: int) -> TranslationRelease:
    """Give the draft to a checker. Errors: NotAllowed; Stale."""
    demand(user, EDIT, "Only an editor submits a translation.")
    with explained(), transaction.atomic():
        translation = _locked(translation, version, State.DRAFT)
        release, content = english(translation.condition)
        if release is None:
            raise NotAllowed(
                "Nothing of the condition is published yet, so there is nothing to check against."
            )
        _check(translation.pieces, content)
        translation.release = release
        return _move(user, translation, State.CHECK, "release")


def _check(stored: Stored, content: Snapshot) -> None:
    fitting = {
        piece.key for piece in pieces_of(content) if stored.get(piece.key, {}).get("source") == piece.hash
    }
    if not fitting:
        raise NotAllowed("No piece of it is translated yet.")
    for key, each in stored.items():
        if found := DOSE.search(each["text"]):
            raise NotAllowed(f"{key} gives a dose: “{found[0]}”. Take it out.")


def publish(
    user: User, translation: TranslationRelease, *, version: int, note: str = ""
) -> TranslationRelease:
    """Show a checked translation to readers, as its bilingual checker, who wrote none of it.

    The one that they saw before is replaced. Errors: NotAllowed; Stale.
    """
    demand(user, CHECK, "Only a clinical reviewer checks a translation.")
    with explained(), transaction.atomic():
        translation = _locked(translation, version, State.CHECK)
        if reason := why_not_check(user, translation):
            raise NotAllowed(reason)
        _verdict(user, translation, Verdict.APPROVED, note)
        own = {"condition": translation.condition, "language": translation.language}
        for before in TranslationRelease.objects.published().filter(**own):
            _move(user, before, State.REPLACED)
        return _move(user, translation, State.PUBLISHED)


def send_back(user: User, translation: TranslationRelease, *, version: int, note: str) -> TranslationRelease:
    """Give it back to the translators with what to change. Errors: NotAllowed, also without a note."""
    demand(user, CHECK, "Only a clinical reviewer returns a translation.")
    if not note.strip():
        raise NotAllowed("Say what the translators should change.")
    with explained(), transaction.atomic():
        translation = _locked(translation, version, State.CHECK)
        _verdict(user, translation, Verdict.RETURNED, note)
        return _move(user, translation, State.DRAFT)


def withdraw(user: User, translation: TranslationRelease, *, reason: str) -> TranslationRelease:
    """Take a published translation from readers at once; they read English. Errors: NotAllowed."""
    demand(user, CHECK, "Only a clinical reviewer withdraws a translation.")
    if not reason.strip():
        raise NotAllowed("Say why the translation is withdrawn.")
    with explained(), transaction.atomic():
        translation = _locked(translation, None, State.PUBLISHED)
        _verdict(user, translation, Verdict.WITHDRAWN, reason)
        return _move(user, translation, State.WITHDRAWN)


def why_not_check(user: User, translation: TranslationRelease) -> str:
    """The sentence why four eyes forbid `user` to check it, or ''. Queries: one."""
    past: QuerySet[Any] = translation.past  # type: ignore[attr-defined]  # which `kept` adds
    wrote = past.filter(Q(edited_by=user.pk) | Q(state=State.CHECK, by=user.pk))
    return "You translated or submitted this. Nobody checks what they translated." if wrote.exists() else ""


def _locked(translation: TranslationRelease, version: int | None, state: State) -> TranslationRelease:
    """The translation as it stands, whose steps one person at a time takes."""
    rows = TranslationRelease.objects.select_for_update(of=("self",)).select_related("condition")
    found = rows.get(pk=translation.pk)
    if found.state != state:
        raise NotAllowed(f"This translation is {found.get_state_display().lower()}. Open it again.")
    if version is not None and found.version != version:
        raise Stale("Somebody saved this meanwhile. Nothing of yours is lost: compare, then save again.")
    return found


def _verdict(user: User, translation: TranslationRelease, verdict: Verdict, note: str) -> None:
    if len(note) > 2000 or "\0" in note:
        raise NotAllowed("Keep the note under 2,000 characters that can be stored.")
    TranslationVerdict.objects.create(
        translation=translation, reviewer=user, verdict=verdict, digest=translation.digest, note=note.strip()
    )


def _move(user: User, translation: TranslationRelease, state: State, *also: str) -> TranslationRelease:
    translation.state = state
    translation.save(update_fields=["state", *also])
    audit.record(user, f"translation.{state}", translation)
    translation.refresh_from_db()
    return translation
