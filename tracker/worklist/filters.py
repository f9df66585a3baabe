"""What a clinician asks the worklist for: opaque keys in an address in, conditions on statuses out."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import NamedTuple
from urllib.parse import urlencode
from uuid import UUID

from django.db.models import F, OrderBy
from django.utils.crypto import salted_hmac

from portal.models import User
from tracker.models import Clinic, Seat, Tag, Tagging, Treatment
from tracker.worklist.sections import SECTIONS, Statuses
from tracker.worklist.treatment import going_on

SALT = "tracker.worklist.agent"
BY_NAME = [OrderBy(F("patient__name")), OrderBy(F("patient"))]
SORTS: Mapping[str, tuple[str, list[OrderBy]]] = {
    "worst": ("Worst first", []),
    "name": ("Name", BY_NAME),
    "entry": ("Last entry, newest first", [F("last_local_date").desc(nulls_last=True), *BY_NAME]),
    "review": ("Last review, oldest first", [F("reviewed_at").asc(nulls_first=True), *BY_NAME]),
    "age": ("Age, youngest first", [F("patient__birth_date").desc(), *BY_NAME]),
}
USUAL = ("sort", "worst")
LABELS = {"clinic": "Clinic", "team": "Team", "tag": "Tag", "treatment": "Treatment", "owner": "Owner"}
ME, NOBODY = "me", "nobody"  # who owns


class Choice(NamedTuple):
    """One value of a filter: the key in the address, the words on the page."""

    key: str
    label: str


@dataclass(frozen=True)
class Choices:
    """What this clinician may choose, by filter; `spellings` are the agents behind a treatment's key."""

    by_filter: Mapping[str, Sequence[Choice]]
    spellings: Mapping[str, Sequence[str]] = field(default_factory=dict)

    def keys(self, name: str) -> set[str]:
        """Every key that the filter knows."""
        return {choice.key for choice in self.by_filter.get(name, ())}


@dataclass(frozen=True)
class Asked:
    """The filters in force, each a known key or empty, and what of the address was ignored."""

    clinic: str = ""
    team: str = ""
    tag: str = ""
    treatment: str = ""
    owner: str = ""
    section: str = ""
    sort: str = "worst"
    ignored: tuple[str, ...] = ()

    @property
    def query(self) -> str:
        """The one way to write this in an address; empty for the whole list, worst first."""
        return tidy({name: getattr(self, name) for name in ("section", *LABELS, "sort")})

    @property
    def narrows(self) -> bool:
        """Whether it leaves anybody out."""
        return bool(replace(self, sort="worst").query)

    def within(self, section: str) -> str:
        """The query of the same list in another section; `` for all."""
        return replace(self, section=section).query

    def by(self, sort: str) -> str:
        """The query of the same list in another order."""
        return replace(self, sort=sort).query


def tidy(query: Mapping[str, str]) -> str:
    """A query without what a form sends empty or as it stands anyway."""
    return urlencode({name: value for name, value in query.items() if value and (name, value) != USUAL})


def read(query: Mapping[str, str], choices: Choices) -> Asked:
    """The filters of an address; an unknown value is ignored and named by its filter in `ignored`."""
    known = {name: choices.keys(name) for name in LABELS}
    known |= {"section": {section.key for section in SECTIONS}, "sort": set(SORTS)}
    given = {name: query.get(name, "") for name in known}
    taken = {name: value for name, value in given.items() if value in known[name]}
    ignored = tuple(name for name, value in given.items() if value and name not in taken)
    return Asked(**taken, ignored=ignored)


def apply(statuses: Statuses, asked: Asked, choices: Choices, user: User, today: date) -> Statuses:
    """Those whom the filters leave, all but the section's. Queries: none.

    Other tables are asked for keys, never joined: under the policies a join may go row by row.
    """
    if asked.clinic:
        statuses = statuses.filter(patient__clinic=int(asked.clinic))
    if asked.owner == ME:
        statuses = statuses.filter(patient__lead=user.pk)
    if asked.owner == NOBODY:
        statuses = statuses.exclude(patient__in=Seat.objects.held().of_leads().values("patient"))
    for tag in filter(None, (asked.team, asked.tag)):
        tagged = Tagging.objects.filter(tag=UUID(tag), taken_off_at=None)
        statuses = statuses.filter(patient__in=tagged.values("patient"))
    if asked.treatment:
        agents = choices.spellings[asked.treatment]
        treated = Treatment.objects.standing().filter(going_on(today), agent__in=agents)
        statuses = statuses.filter(patient__in=treated.values("patient"))
    return statuses


def choices_of(clinics: Sequence[Clinic], statuses: Statuses, today: date) -> Choices:
    """What can be chosen at `clinics`, for the patients of `statuses`. Queries: two."""
    spellings = _agents(statuses, today)
    tags = list(Tag.objects.filter(clinic__in=clinics))
    agents = [Choice(key, words[0]) for key, words in spellings.items()]
    by_filter = {
        "clinic": [Choice(str(clinic.pk), clinic.name) for clinic in clinics] if len(clinics) > 1 else [],
        "team": _tags(tags, team=True),
        "tag": _tags(tags, team=False),
        "treatment": sorted(agents, key=lambda choice: choice.label.lower()),
        "owner": [Choice(ME, "Me"), Choice(NOBODY, "Nobody")],
    }
    return Choices(by_filter, spellings)


def _tags(tags: Iterable[Tag], *, team: bool) -> list[Choice]:
    return [Choice(str(tag.pk), tag.name) for tag in tags if tag.team is team]


def _agents(statuses: Statuses, today: date) -> dict[str, list[str]]:
    """Every way an agent is written, by a key from which nobody reads the agent."""
    patients = statuses.order_by().values("patient")
    mine = Treatment.objects.standing().filter(going_on(today), patient__in=patients)
    rows = mine.order_by("agent").values_list("agent", flat=True)
    spellings: dict[str, list[str]] = {}
    for agent in rows.distinct():
        word = " ".join(agent.lower().split())
        spellings.setdefault(salted_hmac(SALT, word).hexdigest()[:12], []).append(agent)
    return spellings
