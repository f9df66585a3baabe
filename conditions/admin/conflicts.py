"""Two editors at one row: the second sees both texts and decides; nobody's words are lost.

Every editing page carries the version of what was opened. A save whose version is no longer the
stored one stores nothing: it shows what was typed beside what another saved meanwhile.
"""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django import forms
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db import models

from conditions.admin.wording import displayed, line_of
from portal.models import User

OVER = "_over"  # the button that saves over knowingly; its value is the version that was shown
LOOKS_ONLY = ("_preview", "_restore")  # buttons that show the typed form again and store nothing
CONFLICT = (
    "Somebody else saved this while you had it open. Nothing of yours is lost: compare both below,"
    " then save yours over theirs or take up their words first."
)
UNVERSIONED = "This page does not say which version it shows, so it cannot be saved. Open it again."
GONE = "Somebody deleted this while you had it open. Copy what you typed before you leave the page."

Beside = list[
    tuple[type[models.Model], str]
]  # rows edited on the same page, and their column that leads here


class Opened(forms.CharField):
    """The version that an editor opened; never a change of the row itself."""

    widget = forms.HiddenInput

    def has_changed(self, initial: Any, data: Any) -> bool:
        """It is no field of the row."""
        return False


class VersionedForm(forms.ModelForm[Any]):
    """A form that saves only over the version that was opened, or over one that was shown in a conflict."""

    opened = Opened(required=False)
    beside: Beside = []

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        if self.instance.pk:
            self.initial["opened"] = version(self.instance, self.beside)

    @property
    def looks_only(self) -> bool:
        """Whether the form was sent to be looked at."""
        return any(name in self.data for name in LOOKS_ONLY)

    def is_valid(self) -> bool:
        """Never for a form that was sent to be looked at, so that nothing of it is stored."""
        return super().is_valid() and not self.looks_only

    def clean(self) -> dict[str, Any] | None:
        """Refuse a save over what the editor has not seen; two at once wait for each other here."""
        cleaned = super().clean()
        if self.instance.pk and not self.looks_only:
            self._compare_versions()
        return cleaned

    def _compare_versions(self) -> None:
        rows = type(self.instance)._base_manager
        if not rows.select_for_update().filter(pk=self.instance.pk).exists():
            return self.add_error(None, ValidationError(GONE))
        opened, now = self.data.get("opened"), version(self.instance, self.beside)
        if not opened:
            return self.add_error(None, ValidationError(UNVERSIONED))
        if now not in (opened, self.data.get(OVER)):
            self.add_error(None, ValidationError(CONFLICT, code="conflict"))
        return None


@dataclass(frozen=True)
class Difference:
    """One field of the page: what another stored and what this editor typed."""

    label: str
    theirs: str
    yours: str


@dataclass(frozen=True)
class Conflict:
    """What another saved meanwhile: who, when, what differs, and the version to save over."""

    who: str
    at: datetime | None
    version: str
    differences: list[Difference]


def version(row: models.Model, beside: Beside) -> str:
    """SHA-256 over the stored row and the rows on its page. Queries: one for each table."""
    stored = [list(type(row)._base_manager.filter(pk=row.pk).values_list())]
    stored += [
        list(model._base_manager.filter(**{column: row.pk}).order_by("pk").values_list())
        for model, column in beside
    ]
    return hashlib.sha256(json.dumps(stored, default=str).encode()).hexdigest()


def find(form: forms.BaseForm, formsets: Iterable[Any]) -> Conflict | None:
    """The conflict that a refused form stands in, if it is refused for one."""
    if not isinstance(form, VersionedForm) or not form.has_error(NON_FIELD_ERRORS, "conflict"):
        return None
    stored = type(form.instance)._base_manager.get(pk=form.instance.pk)
    names = [name for name in form.fields if name != "opened"]
    pairs = [(str(form.fields[name].label), displayed(stored, name), _typed(form, name)) for name in names]
    pairs += [_beside(formset) for formset in formsets]
    differing = [Difference(*each) for each in pairs if each[1] != each[2]]
    who, at = last_saved(stored, form.beside)
    return Conflict(who, at, version(stored, form.beside), differing)


def _typed(form: VersionedForm, name: str) -> str:
    if name in form.cleaned_data:
        return displayed(form.instance, name)
    return str(form.data.get(form.add_prefix(name), ""))


def _beside(formset: Any) -> tuple[str, str, str]:
    """The rows of a formset as stored and as typed, a line each."""
    stored = type(formset).model._base_manager.filter(**{formset.fk.attname: formset.instance.pk})
    names = [name for name in formset.form.base_fields if name != formset.fk.name]
    typed = [form.instance for form in formset.forms if _stands(form)]
    told = ["\n".join(line_of(row, names) for row in rows) for rows in (stored, typed)]
    return str(type(formset).model._meta.verbose_name_plural).capitalize(), told[0], told[1]


def _stands(form: Any) -> bool:
    """Whether a row of a formset is there and stays."""
    gone = getattr(form, "cleaned_data", {}).get("DELETE")
    return not gone and (form.instance.pk is not None or form.has_changed())


def last_saved(row: models.Model, beside: Beside) -> tuple[str, datetime | None]:
    """Who saved the row or one on its page last, and when; from the history that triggers write."""
    found = [_newest(type(row), "pgh_obj_id", row.pk)]
    found += [_newest(model, column, row.pk) for model, column in beside]
    newest = max((each for each in found if each), key=lambda each: each[0], default=None)
    if newest is None:
        return "Somebody", None
    name = User.objects.filter(pk=newest[1]).first() if newest[1] else None
    return (str(name) if name else "A command"), newest[0]


def _newest(model: type[models.Model], column: str, pk: Any) -> tuple[datetime, int | None] | None:
    past: Any = getattr(model, "past", None)
    if past is None:
        return None
    events = past.rel.related_model.objects.filter(**{column: pk}).order_by("-pgh_id")
    newest: tuple[datetime, int | None] | None = events.values_list("pgh_created_at", "by").first()
    return newest
