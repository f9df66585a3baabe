"""Small packs on disk: one that is right, and ways to break it."""

from pathlib import Path

CONDITION = """\
format: 1
slug: small-syndrome
name: Small syndrome
short_name: SMS
summary: A made-up illness for tests.
names:
  - text: Tiny eyes disease
    kind: lay
codes:
  - system: ORPHA
    code: "9999"
    relation: exact
    source: one
  - system: OMIM
    code: ""
    relation: none
    source: one
features:
  - hpo: HP:0001336
    name: Myoclonus
    lay: Jerks
    frequency: frequent
    population: child
    source: two
"""
SOURCES = """\
- key: one
  kind: review
  title: First work
  year: 2020
  url: https://example.org/one
  read: whole
- key: two
  kind: cohort
  title: Second work
  read: abstract
  checked: false
"""
SECTION = """\
key: overview
title: Overview
statements:
  - key: what
    population: all
    text: It is *rare*.
    citations:
      - source: one
        locator: page 1
  - key: children
    population: child
    text: Children wobble.
    citations:
      - source: one
      - source: two
  - key: adults
    population: adult
    question: What of adults?
    text: Adults tremble.
    citations:
      - source: two
"""
# What a pack may hold beyond the small one.
MORE = """\
review_months: 6
facts:
  - key: incidence-here
    measure: incidence
    about: New cases a year
    value: "0.18"
    low: "0.1"
    high: "0.20"
    unit: per million people
    population: all
    place: Here
    period: 2003 to 2005
    source: one
    reason: The only count of a whole country.
  - key: incidence-there
    measure: incidence
    about: New cases a year
    value: "0.4"
    source: two
    displayed: false
    reason: It counts children alone.
  - key: adults-well
    measure: outcome
    about: Grown-ups who did well
    value: "39"
    unit: "%"
    denominator: 45 adults
    population: adult
    source: two
    checked: false
    reason: The only figure.
must_says:
  - key: search
    text: Everybody is searched for a tumour.
    statements: [what, children]
organisations:
  - key: group
    kind: patients
    name: The Group
    country: Nowhere
    url: https://example.org/group
    checked_on: "2026-01-31"
  - key: centre
    kind: centre
    name: The Centre
    country: Erewhon
"""
CARE = """\
key: act
title: Call now
kind: care
urgency: emergency
statements:
  - key: fits
    population: all
    text: Somebody does not wake.
    professional: Reduced consciousness.
    dissent: The second work would wait.
    decision: The first work counted more people.
    decided_by: The board of Erewhon
    decided_on: "2026-02-01"
    citations:
      - source: one
        locator: page 2
        checked_on: "2026-01-30"
      - source: two
        stance: contradicts
        checked: false
"""
FILES = {"condition.yaml": CONDITION, "sources.yaml": SOURCES, "sections/01-overview.yaml": SECTION}

FULL: dict[str, str | bytes] = {
    "condition.yaml": CONDITION.replace("format: 1", "format: 3").replace(
        "kind: lay\n", "kind: lay\n    ambiguous: true\n"
    )
    + MORE,
    "sections/02-act.yaml": CARE,
}


def write(folder: Path, files: dict[str, str | bytes] | None = None) -> Path:
    """Write the right pack, then `files` over it."""
    for name, text in {**FILES, **(files or {})}.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode() if isinstance(text, str) else text)
    return folder


def changed(name: str, old: str, new: str) -> dict[str, str | bytes]:
    """The file with one passage replaced."""
    assert old in FILES[name]
    return {name: FILES[name].replace(old, new, 1)}
