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
FILES = {"condition.yaml": CONDITION, "sources.yaml": SOURCES, "sections/01-overview.yaml": SECTION}


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
