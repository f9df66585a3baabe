"""Reading the trail: filters that carry no name, and pages that never count the whole."""

import csv
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, time
from itertools import islice
from urllib.parse import urlencode
from uuid import UUID

from django import forms
from django.db.models import Q, QuerySet
from django.utils.dateparse import parse_datetime
from django.utils.timezone import is_aware

from portal.csv_cells import cell
from portal.identity import acting_as
from portal.models import AuditEvent, User

PAGE = 50
MOST_EXPORTED = 10_000
COLUMNS = ["at (UTC)", "person", "address", "action", "on", "patient", "patients on the list"]
# How the words of every act begin, as `portal.audit.record` is given them, for the filter.
ACTIONS = {
    "Refusals": ["refused"],
    "Reading": [
        "chart opened",
        "check-in opened",
        "check-in viewed",
        "diaries listed",
        "diary viewed",
        "due list viewed",
        "emergency access listed",
        "entries viewed",
        "flowsheet viewed",
        "hand-over opened",
        "identities listed",
        "identity viewed",
        "many records opened",
        "messages viewed",
        "patient viewed",
        "patients searched",
        "records compared",
        "review opened",
        "rules tried out",
        "rules viewed",
        "seats viewed",
        "visitors viewed",
        "worklist copied",
        "worklist exported",
        "worklist viewed",
    ],
    "Emergency access": ["emergency access"],
    "Writing": [
        "check-in marked in error",
        "check-in recorded",
        "clinician rating",
        "diary reviewed",
        "patient handed over",
        "patient handed back",
        "review taken back",
        "rules decided",
        "dose recorded",
        "due item",
        "episode",
        "event noted",
        "mark",
        "message sent",
        "private note pinned",
        "tag",
        "treatment",
    ],
    "Who may see what": [
        "changed",
        "entry hidden",
        "entry shown again",
        "family invited",
        "invitation",
        "patient active",
        "patient died",
        "patient discharged",
        "patient registered",
        "patient transferred",
        "person",
        "record frozen",
        "record merged",
        "record opened again",
        "seat",
    ],
    "The trail itself": ["people searched", "person viewed", "trail exported", "trail viewed"],
    "Signing in": [
        "account",
        "confirm",
        "email",
        "hospital's sign-in",
        "mfa",
        "new browser",
        "password",
        "recovery codes",
        "second factor failed",
        "session",
        "sign-in failed",
        "signed in",
        "signed out",
        "totp",
        "webauthn",
    ],
    "Condition information": [
        "citation",
        "code",
        "condition",
        "fact",
        "feature",
        "feedback",
        "mustsay",
        "name",
        "organisation",
        "pack",
        "release",
        "section",
        "shared review",
        "source",
        "statement",
        "translation",
    ],
}


class Filters(forms.Form):
    """What the auditor looks for; it stands in the address, so there is no field for a name."""

    action = forms.ChoiceField(
        label="What",
        required=False,
        choices=[
            ("", "Everything"),
            *((group, [(word, word.capitalize()) for word in words]) for group, words in ACTIONS.items()),
        ],
    )
    person = forms.IntegerField(label="Person’s number", required=False, min_value=1, max_value=2**63 - 1)
    patient = forms.UUIDField(label="Record’s key", required=False)
    since = forms.DateField(
        label="From", required=False, widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
    )
    until = forms.DateField(
        label="To", required=False, widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
    )
    refused = forms.BooleanField(label="Refusals only", required=False)

    def clean_until(self) -> object:
        """The first day comes first."""
        since, until = self.cleaned_data.get("since"), self.cleaned_data["until"]
        if since and until and until < since:
            raise forms.ValidationError("This day is before the first one.")
        return until

    def events(self) -> QuerySet[AuditEvent]:
        """The acts asked for, newest first; days are days in UTC. None while the form has errors."""
        asked = AuditEvent.objects.order_by("-at", "id")
        if not self.is_valid():
            return asked.none()
        wanted = self.cleaned_data
        if wanted["patient"]:
            asked = asked.filter(of_patient(wanted["patient"]))
        if wanted["since"]:
            asked = asked.filter(at__gte=datetime.combine(wanted["since"], time(), UTC))
        if wanted["until"]:
            asked = asked.filter(at__lte=datetime.combine(wanted["until"], time.max, UTC))
        exactly = {
            "action__startswith": wanted["action"],
            "actor_id": wanted["person"],
            "action": "refused" if wanted["refused"] else "",
        }
        return asked.filter(**{name: value for name, value in exactly.items() if value})

    def query(self) -> str:
        """The filters as they stand in an address, without the place in the list."""
        return urlencode({name: self.data[name] for name in self.fields if self.data.get(name)})


@dataclass(frozen=True)
class Page:
    """Some acts of a longer list, newest first; `older` says in an address where the next page begins."""

    events: list[AuditEvent]
    older: str


def of_patient(key: UUID) -> Q:
    """Acts on one record, a list that showed it included."""
    return Q(patient_id=key) | Q(patients__contains=[key])


def page(events: QuerySet[AuditEvent], after: str = "", size: int = PAGE) -> Page:
    """The acts that follow `after`, the `older` of another page. Queries: one, without counting the whole.

    A damaged `after` gives the first page.
    """
    with suppress(ValueError):  # damaged
        instant, _, key = after.partition("_")
        at = parse_datetime(instant)
        if at is not None and is_aware(at):
            events = events.filter(Q(at__lt=at) | Q(at=at, id__gt=UUID(key)), at__lte=at)
    found = list(events[: size + 1])
    last = found[size - 1] if len(found) > size else None
    return Page(found[:size], f"{last.at:%Y-%m-%dT%H:%M:%S.%fZ}_{last.pk}" if last else "")


class _Line:
    """A file for `csv` that gives each line back."""

    def write(self, line: str) -> str:
        return line


def export(reader: User, events: QuerySet[AuditEvent]) -> Iterator[str]:
    """The newest 10,000 of `events` as lines of CSV, read in a transaction of its own as `reader`.

    Lines leave when the request's transaction is over, hence the other one.
    """
    write = csv.writer(_Line(), quoting=csv.QUOTE_ALL).writerow
    yield write(COLUMNS)
    with acting_as(reader):
        for event in islice(events[:MOST_EXPORTED].iterator(chunk_size=500), MOST_EXPORTED):
            yield write([cell(value) for value in _values(event)])


def _values(event: AuditEvent) -> list[object]:
    at = event.at.astimezone(UTC).isoformat(timespec="milliseconds")
    listed = " ".join(map(str, event.patients))
    return [at, event.actor_id, event.actor_name, event.action, event.target, event.patient_id, listed]
