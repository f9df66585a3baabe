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
        for file, name in named:
            source = (ROOT / file).read_text()
            assert re.search(rf"(def|class) {name}\b", source) or f"{name} = " in source, (
                f"{number}: {file}::{name}"
            )


def test_every_part_is_pinned_by_hash() -> None:
    for name in ("requirements.txt", "requirements-dev.txt"):
        parts = re.split(r"\n(?=[a-z0-9])", (ROOT / name).read_text().strip(), flags=re.IGNORECASE)
        assert len(parts) > 20
        bare = [part.splitlines()[0] for part in parts if "==" not in part or "--hash=sha256:" not in part]
        assert bare == []
