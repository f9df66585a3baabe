"""The house keeps its shape: budgets of the design, and no way round `visible_to`."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from statistics import median

import pytest

ROOT = Path(__file__).resolve().parent.parent
SOURCES = [
    path
    for app in ("portal", "conditions", "tracker")
    for path in sorted((ROOT / app).rglob("*.py"))
    if "migrations" not in path.parts
]
MODULES = [path for path in SOURCES if path.read_text().strip()]
# Rows of one patient, which a view may only reach through a question that names the asker.
PATIENT_ROWS = (
    "Patient|CheckIn|Review|PrivateNote|Message|Treatment|ClinicalEvent|PatientStatus|Seat|Invitation"
)


def functions() -> Iterator[tuple[str, int]]:
    """Every function with its lines, `def` to last."""
    for path in MODULES:
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                yield f"{path.relative_to(ROOT)}:{node.name}", node.end_lineno - node.lineno + 1


def test_budgets_hold(capsys: pytest.CaptureFixture[str]) -> None:
    modules = sorted((len(path.read_text().splitlines()), str(path.relative_to(ROOT))) for path in SOURCES)
    # The median counts lines that hold something: blank ones between short functions are no weight.
    full = [sum(1 for line in path.read_text().splitlines() if line.strip()) for path in SOURCES]
    lengths = sorted((length, name) for name, length in functions())
    figures = [length for length, _ in lengths]
    middle, share = median(figures), sum(length <= 25 for length in figures) / len(figures)
    with capsys.disabled():
        print(
            f"\n{len(modules)} modules, median {median(full):.0f} lines that hold something,"
            f" longest {modules[-1][0]}; {len(figures)} functions, median {middle:.0f},"
            f" {share:.1%} within 25 lines, longest {figures[-1]}"
        )
    assert median(full) <= 60
    assert modules[-1][0] <= 300, modules[-3:]
    assert middle <= 8
    assert share >= 0.95
    assert figures[-1] <= 40, lengths[-3:]


@pytest.mark.parametrize(
    "path", [path for path in MODULES if "views" in path.parts or path.stem == "views"], ids=str
)
def test_views_reach_patients_through_visible_to(path: Path) -> None:
    """A bare `Patient.objects.` in a view may only go on with `visible_to`."""
    bare = re.findall(rf"\b(?:{PATIENT_ROWS})\.objects\.(?!visible_to\()\w+", path.read_text())
    assert bare == []


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_module_says_what_it_is_for(path: Path) -> None:
    assert ast.get_docstring(ast.parse(path.read_text()))


def test_no_room_for_odds_and_ends() -> None:
    assert not {path.stem for path in SOURCES} & {
        "utils",
        "helpers",
        "common",
        "services",
        "manager",
        "managers",
    }


def test_pages_bring_no_code_or_style_inline() -> None:
    """What the content policy would refuse in the browser is refused here."""
    inline = re.compile(r"<style|<script(?![^>]*\bsrc=)|\sstyle=|\son[a-z]+=|javascript:")
    found = {
        str(path.relative_to(ROOT)): inline.findall(path.read_text())
        for path in (ROOT / "templates").rglob("*.html")
        if inline.search(path.read_text())
    }
    assert found == {}


def test_nothing_of_this_machine_is_named() -> None:
    """A repository holds no absolute path and no registry's address."""
    texts = [
        *ROOT.glob("*.txt"),
        *ROOT.glob("*.toml"),
        ROOT / "Makefile",
        *ROOT.glob("docs/**/*.md"),
        *MODULES,
    ]
    assert [path.name for path in texts if str(ROOT) in path.read_text()] == []
