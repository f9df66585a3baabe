"""Documents that are made from code, or name code, keep up with it."""

import re
from pathlib import Path

from portal.management.commands import permissions

ROOT = Path(__file__).resolve().parent.parent
CHECKLIST = [
    *(f"A{number}" for number in range(1, 12)),
    *(f"U{number}" for number in range(1, 11)),
    *(f"S{number}" for number in range(1, 6)),
    *(f"W{number}" for number in range(1, 7)),
    *(f"I{number}" for number in range(1, 8)),
    *(f"B{number}" for number in range(1, 4)),
    *(f"D{number}" for number in range(1, 4)),
    *(f"L{number}" for number in range(1, 4)),
    *(f"R{number}" for number in range(1, 5)),
]


def test_permissions_are_the_granted_ones() -> None:
    assert permissions.PAGE.read_text() == permissions.page(), "run manage.py permissions"


def test_security_checklist_is_whole_and_names_tests_that_exist() -> None:
    """Each row names a test as `tests/…/test_x.py::test_name`, or says why it does not apply."""
    rows = re.findall(r"^\| ([A-Z]\d+) \|(.*)\|$", (ROOT / "docs/security.md").read_text(), re.MULTILINE)
    assert [number for number, _ in rows] == CHECKLIST
    for number, row in rows:
        named = re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", row)
        assert named or "does not apply" in row.lower() or "not yet" in row.lower(), number
        all_there(number, named)


def all_there(number: str, named: list[tuple[str, str]]) -> None:
    for file, name in named:
        source = (ROOT / file).read_text()
        found = re.search(rf"(def|class) {name}\b", source) or f"{name} = " in source
        assert found, f"{number}: {file}::{name}"


def test_every_hazard_names_tests_that_exist() -> None:
    rows = re.findall(r"^\| (H\d+) .*$", (ROOT / "docs/hazards.md").read_text(), re.MULTILINE)
    assert rows == ["H7", "H9", "H10", "H11", "H12", "H13", "H14", "H16", "H19", "H20", "H25", "H26"]
    for line in (ROOT / "docs/hazards.md").read_text().splitlines():
        if line.startswith("| H"):
            named = re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", line)
            assert named, line
            all_there(line[:6], named)


def test_every_part_is_pinned_by_hash() -> None:
    for name in ("requirements.txt", "requirements-dev.txt"):
        parts = re.split(r"\n(?=[a-z0-9])", (ROOT / name).read_text().strip(), flags=re.IGNORECASE)
        assert len(parts) > 20
        bare = [part.splitlines()[0] for part in parts if "==" not in part or "--hash=sha256:" not in part]
        assert bare == []
