"""What differs between two snapshots, item by item. Pure.

Items are told apart by noun and key: a statement's citations are items of their own, so that a change
of stance, locator or date is seen without reading the statement again.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from django.utils.translation import gettext_lazy as _

from conditions.figures import figure
from conditions.formats import current
from conditions.snapshot import SectionEntry, Snapshot, canonical


@dataclass(frozen=True)
class Change:
    """One difference. `old` is empty for what was added, `new` for what was removed.

    `field` names what changed of an item that both have, and is empty otherwise.
    """

    kind: Literal["added", "removed", "changed"]
    noun: str
    key: str
    field: str
    old: str
    new: str

    def __str__(self) -> str:
        what = f"{self.noun} {self.key} {self.kind}"
        return f"{what}: {self.field}" if self.field else what

    @property
    def thing(self) -> str:
        """The noun as readers see it."""
        return str(NOUNS[self.noun])

    @property
    def what(self) -> str:
        """What became of it, as readers see it."""
        return str(KINDS[self.kind])


def difference(old: Mapping[str, Any] | None, new: Mapping[str, Any]) -> list[Change]:
    """What changed from `old` to `new`, statements first; all of it is new when there is no `old`.

    Empty exactly when both have the same digest in today's form.
    """
    before = dict(_items(current(old))) if old else {}
    after = dict(_items(current(new)))
    changes: list[Change] = []
    order = list(NOUNS)
    for at in dict.fromkeys([*after, *before]):
        changes += _compare(at, before.get(at), after.get(at))
    return sorted(changes, key=lambda change: order.index(change.noun))


NOUNS = {  # in the order told
    "statement": _("Statement"),
    "citation": _("Citation"),
    "must-say": _("Must-say"),
    "fact": _("Fact"),
    "section": _("Section"),
    "condition": _("Condition"),
    "order": _("Order"),
    "name": _("Name"),
    "code": _("Code"),
    "feature": _("Feature"),
    "organisation": _("Organisation"),
    "source": _("Source"),
}
KINDS = {"added": _("added"), "removed": _("removed"), "changed": _("changed")}

# Of an item that came or went all is told but what its key or first field says already, and what is usual.
UNTOLD = {"key", "slug", "hpo", "system", "code", "citations", "statements", "value", "low", "high", "unit"}
USUAL = {"population": "all", "checked": "yes", "displayed": "yes", "ambiguous": "no"}

Item = tuple[tuple[str, str], dict[str, str]]


def _compare(at: tuple[str, str], old: dict[str, str] | None, new: dict[str, str] | None) -> list[Change]:
    """One item before and after; its first field stands for the whole when only one side has it."""
    if old is None or new is None:
        if at[0] == "order":  # of a section that came or went, which is said already
            return []
        kind: Literal["added", "removed"] = "added" if old is None else "removed"
        return [Change(kind, *at, "", _told(old), _told(new))]
    if at[0] == "order":
        return _reordered(at[1], old["keys"].split(), new["keys"].split())
    return [
        Change("changed", *at, field, old[field], new[field])
        for field in new
        if old[field] != new[field] and field != "figure"  # whose parts are told
    ]


def _told(item: dict[str, str] | None) -> str:
    """What a whole item says: its first field, then every other that holds something of its own."""
    if not item:
        return ""
    first, *others = item
    told = [field for field in others if field not in UNTOLD and item[field] != USUAL.get(field, "")]
    return " · ".join([item[first], *(f"{field}: {item[field]}" for field in told if item[field])])


def _reordered(key: str, old: list[str], new: list[str]) -> list[Change]:
    """Whether what both have stands in another order; additions alone reorder nothing."""
    both = set(old) & set(new)
    was, now = [word for word in old if word in both], [word for word in new if word in both]
    return [Change("changed", "order", key, "order", ", ".join(was), ", ".join(now))] if was != now else []


def _items(snapshot: Snapshot) -> Iterator[Item]:
    """Every item by noun and key, as printable fields, the telling one first."""
    snapshot = canonical(snapshot)
    yield ("condition", "itself"), _printable(snapshot["condition"], "name")
    yield ("order", "sections"), {"keys": " ".join(section["key"] for section in snapshot["sections"])}
    for section in snapshot["sections"]:
        yield from _section_items(section)
    for name in snapshot["names"]:
        yield ("name", name["text"]), _printable(name, "text")
    for code in snapshot["codes"]:
        yield ("code", f"{code['system']} {code['code'] or 'none'}"), _printable(code, "display")
    for each in snapshot["features"]:
        yield ("feature", f"{each['hpo']} {each['population']}"), _printable(each, "name")
    for fact in snapshot["facts"]:
        yield ("fact", fact["key"]), _printable({**fact, "figure": figure(fact)}, "figure")
    for each in snapshot["must_says"]:
        said = ", ".join(each["statements"])
        yield ("must-say", each["key"]), {"text": each["text"], "said by": said}
    for each in snapshot["organisations"]:
        yield ("organisation", each["key"]), _printable(each, "name")
    for source in snapshot["sources"]:
        yield ("source", source["key"]), _printable(source, "title")


def _section_items(section: SectionEntry) -> Iterator[Item]:
    statements = section["statements"]
    yield ("section", section["key"]), _printable({**section, "statements": ""}, "title")
    yield ("order", section["key"]), {"keys": " ".join(each["key"] for each in statements)}
    for each in statements:
        fields = _printable({**each, "citations": "", "section": section["key"]}, "text")
        yield ("statement", each["key"]), fields
        for cited in each["citations"]:
            yield ("citation", f"{each['key']} {cited['source']}"), _printable(cited, "source")


def _printable(item: Mapping[str, Any], first: str) -> dict[str, str]:
    words = {True: "yes", False: "no", None: ""}
    ordered = {first: item[first], **dict(sorted(item.items()))}
    return {
        field: words[value] if isinstance(value, bool | None) else str(value)
        for field, value in ordered.items()
    }
