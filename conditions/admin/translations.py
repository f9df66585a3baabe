"""Translating in the admin: every piece beside its English text, saved, submitted, checked, withdrawn."""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path

from conditions import translating
from conditions.models import Condition, TranslationRelease
from conditions.pieces import Piece, Stand, pieces_of, risks, stand
from conditions.steps import NotAllowed
from portal.middleware import SignedIn

ADDRESS = "admin:conditions_condition_translation"
PIECE, FITS = "piece-", "fits-"


@dataclass(frozen=True)
class Row:
    """A piece on the page: what is typed or stored, and what another saved meanwhile."""

    piece: Piece
    text: str
    stand: Stand
    theirs: str | None
    risks: list[str]


class CheckForm(forms.Form):
    """What a checker declares before readers see the translation."""

    compared = forms.BooleanField(
        label="I read both languages well, and have compared every translated piece with its English text,"
        " those listed here twice",
        error_messages={"required": "Confirm that you have compared the pieces."},
    )
    note = forms.CharField(
        label="Note for translators (may stay empty)",
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3, "cols": 60}),
    )


class ReasonForm(forms.Form):
    """Why a translation goes back, or is taken from readers."""

    reason = forms.CharField(
        label="Reason",
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3, "cols": 60}),
        error_messages={"required": "Write a sentence, so that others can understand this step."},
    )


def pages(site: admin.AdminSite) -> list[URLPattern]:
    """The page of all languages of a condition, and that of one."""
    one = site.admin_view(translation)
    return [
        path("<int:pk>/translations/", site.admin_view(listed), name="conditions_condition_translations"),
        path("<int:pk>/translations/<str:language>/", one, name="conditions_condition_translation"),
    ]


def listed(request: SignedIn, pk: int) -> HttpResponse:
    """Every language, with the translations that there are in it."""
    condition = _condition(request, pk)
    rows = condition.translations.defer("pieces").select_related("release", "edited_by")
    by_language = [
        (code, name, [row for row in rows if row.language == code])
        for code, name in translating.languages().items()
    ]
    context = {"title": f"Translations of {condition}", "condition": condition, "languages": by_language}
    return render(
        request, "admin/conditions/translations.html", {**admin.site.each_context(request), **context}
    )


def translation(request: SignedIn, pk: int, language: str) -> HttpResponse:
    """What is under way in a language, else what is published; a POST takes the step of its button."""
    condition = _condition(request, pk)
    if language not in translating.languages():
        raise Http404
    own = TranslationRelease.objects.filter(condition=condition, language=language)
    found = own.underway().select_related("edited_by").first() or own.published().first()
    step = STEPS.get(request.POST.get("step", "")) if request.method == "POST" else None
    stale, forms_ = False, _forms(request)
    if step is not None:
        try:
            if done := step(request, condition, language, found, forms_):
                messages.success(request, done)
                return redirect(ADDRESS, pk, language)
        except NotAllowed as refusal:
            messages.error(request, str(refusal))
            stale = isinstance(refusal, translating.Stale)
            found = own.underway().select_related("edited_by").first() or own.published().first()
    context = _context(request, condition, language, found, stale=stale) | forms_
    return render(
        request, "admin/conditions/translation.html", {**admin.site.each_context(request), **context}
    )


def _condition(request: HttpRequest, pk: int) -> Condition:
    if not request.user.has_perm("conditions.view_condition") or pk >= 2**63:
        raise Http404
    return get_object_or_404(Condition, pk=pk)


def _forms(request: HttpRequest) -> dict[str, forms.Form]:
    """The form of the button that was pressed is bound; the other is empty."""
    step = request.POST.get("step", "")
    return {
        "check": CheckForm(request.POST if step == "publish" else None),
        "why": ReasonForm(request.POST if step in {"return", "withdraw"} else None),
    }


def _version(request: HttpRequest) -> int:
    told = request.POST.get("version", "")
    if not told.isdecimal() or len(told) > 9:
        raise NotAllowed("This page does not say which version it shows. Open it again.")
    return int(told)


Forms = dict[str, forms.Form]
Step = Callable[[SignedIn, Condition, str, TranslationRelease | None, Forms], str]


def _begin(request: SignedIn, condition: Condition, language: str, _: object, forms_: Forms) -> str:
    translating.begin(request.user, condition, language)
    return "Begun as a draft. Readers see none of it until somebody else has checked it."


def _save(
    request: SignedIn, condition: Condition, language: str, found: TranslationRelease | None, forms_: Forms
) -> str:
    sent = request.POST
    texts = {name.removeprefix(PIECE): str(sent[name]) for name in sent if name.startswith(PIECE)}
    fits = {name.removeprefix(FITS) for name in sent if name.startswith(FITS)}
    translating.save(request.user, _there(found), texts, version=_version(request), fits=fits)
    return "Saved as draft. Readers see none of it until somebody else has checked it."


def _submit(
    request: SignedIn, condition: Condition, language: str, found: TranslationRelease | None, forms_: Forms
) -> str:
    translating.submit(request.user, _there(found), version=_version(request))
    return "Submitted. A reviewer who wrote none of it can check it now."


def _publish(
    request: SignedIn, condition: Condition, language: str, found: TranslationRelease | None, forms_: Forms
) -> str:
    if not (form := forms_["check"]).is_valid():
        return ""
    note = form.cleaned_data["note"]
    translating.publish(request.user, _there(found), version=_version(request), note=note)
    return "Published. Readers see it now."


def _return(
    request: SignedIn, condition: Condition, language: str, found: TranslationRelease | None, forms_: Forms
) -> str:
    if not (form := forms_["why"]).is_valid():
        return ""
    why = form.cleaned_data["reason"]
    translating.send_back(request.user, _there(found), version=_version(request), note=why)
    return "Returned to the translators."


def _withdraw(
    request: SignedIn, condition: Condition, language: str, found: TranslationRelease | None, forms_: Forms
) -> str:
    if not (form := forms_["why"]).is_valid():
        return ""
    shown = TranslationRelease.objects.published().filter(condition=condition, language=language).first()
    translating.withdraw(request.user, _there(shown), reason=form.cleaned_data["reason"])
    return "Withdrawn. Readers have the English text."


STEPS: dict[str, Step] = {
    "begin": _begin,
    "save": _save,
    "submit": _submit,
    "publish": _publish,
    "return": _return,
    "withdraw": _withdraw,
}


def _there(found: TranslationRelease | None) -> TranslationRelease:
    if found is None:
        raise NotAllowed("There is no such translation any more. Open the page again.")
    return found


def _context(
    request: SignedIn, condition: Condition, language: str, found: TranslationRelease | None, *, stale: bool
) -> dict[str, Any]:
    release, content = translating.english(condition)
    stored = found.pieces if found else {}
    rows = [_row(request, piece, stored, stale=stale) for piece in pieces_of(content)]
    stands = [row.stand for row in rows]
    state = found.state if found else ""
    editor, reviewer = (request.user.has_perm(right) for right in (translating.EDIT, translating.CHECK))
    return {
        "title": f"{condition} in {translating.languages()[language]}",
        "condition": condition,
        "language": language,
        "release": release,
        "translation": found,
        "sections": [(heading, list(rows)) for heading, rows in groupby(rows, lambda row: row.piece.heading)],
        "all": len(rows),
        "translated": stands.count(Stand.CURRENT),
        "late": stands.count(Stand.LATE),
        "risky": [row for row in rows if row.risks],
        "verdicts": found.verdicts.select_related("reviewer") if found else [],
        "shown": TranslationRelease.objects.published()
        .filter(condition=condition, language=language)
        .first(),
        "hindrance": translating.why_not_check(request.user, found) if found and reviewer else "",
        "may_begin": editor and state in {"", "published"},
        "may_edit": editor and state == "draft",
        "may_check": reviewer and state == "check",
        "may_withdraw": reviewer,
    }


def _row(request: HttpRequest, piece: Piece, stored: dict[str, dict[str, str]], *, stale: bool) -> Row:
    """What was typed stays in its field; where another saved other words meanwhile, they stand beside it."""
    kept = stored.get(piece.key, {}).get("text", "")
    typed = str(request.POST.get(f"{PIECE}{piece.key}", kept)).replace("\r\n", "\n")
    theirs = kept if stale and typed.strip() != kept else None
    found = stand(piece, stored)
    return Row(piece, typed, found, theirs, risks(piece, kept) if found == Stand.CURRENT else [])
