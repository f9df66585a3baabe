"""A second condition, plainly invented: whatever Steady does with conditions it does with this one too."""

import ast
import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.test import Client

from conditions import loading, pack, snapshot
from conditions.formats import current
from conditions.handouts import contents
from conditions.models import Condition, Release, Source
from conditions.reading import edition
from tests.conditions.conftest import OMS
from tests.conditions.test_packing import export

ROOT = Path(__file__).resolve().parents[2]
PACK = ROOT / "conditions/packs/marble-hum-syndrome"
PAGE = "/conditions/marble-hum-syndrome/"
# Words that only the first condition has; code and pages that know one are wired to it.
FIRST = re.compile(r"opsoclonus|\boms\b|\bomas\b|dancing.?eye|kinsbourne|neuroblastoma", re.I)


@pytest.fixture
def second(db: None, publish: Callable[[Condition], Release]) -> Release:
    """Both packs, published; the invented one's release."""
    for path in (OMS, PACK):
        loading.load(pack.read(path))
        release = publish(Condition.objects.get(slug=path.name))
    return release


def test_says_that_it_is_invented() -> None:
    content = pack.read(PACK).content
    assert "(invented for training)" in content["condition"]["name"]
    assert content["condition"]["summary"].startswith("Invented for training: nobody has this condition.")
    for source in content["sources"]:
        assert source["kind"] == Source.Kind.TRAINING
        assert source["title"].startswith("Invented for training: ")
        assert source["doi"] == source["pmid"] == source["url"] == "", (
            "nobody may look for a work that is not"
        )
    assert content["codes"] == content["features"] == [], "real code systems have no place for it"


def test_has_several_kinds_of_everything() -> None:
    content = pack.read(PACK).content
    assert {each["kind"] for each in content["sections"]} == {
        *("text", "care", "differential", "questions", "myths")
    }
    assert any(each["ambiguous"] for each in content["names"])
    assert content["facts"]
    assert content["must_says"]
    assert content["organisations"]


def test_loads_as_it_is_written_and_only_once(db: None) -> None:
    read = pack.read(PACK)
    assert loading.load(read)
    assert loading.load(read) == []
    condition = Condition.objects.get(slug="marble-hum-syndrome")
    assert snapshot.digest(snapshot.take(condition)) == snapshot.digest(read.content)


def test_is_shipped_as_it_is_exported(db: None, tmp_path: Path) -> None:
    loading.load(pack.read(PACK))
    export(PACK.name, str(tmp_path / "out"), "--draft")
    for shipped in sorted(PACK.rglob("*.yaml")):
        made_again = tmp_path / "out" / shipped.relative_to(PACK)
        assert made_again.read_text() == shipped.read_text(), shipped.name


def test_page_and_hand_out(second: Release, client: Client) -> None:
    page = client.get(PAGE).content.decode()
    assert "<title>Marble hum syndrome (invented for training)" in page
    assert "<strong>This condition is invented for training.</strong>" in page
    assert "Invented for training: a tale of twenty-four people who hum" in page
    assert not FIRST.search(page.split("<main")[1].split("</main")[0])
    assert client.get(f"{PAGE}handout.pdf").content.startswith(b"%PDF")
    assert not FIRST.search(json.dumps(contents(second, edition(second.snapshot))))
    assert client.get(f"{PAGE}changes/").status_code == 200
    assert client.get(f"{PAGE}releases/1/").status_code == 200


def test_children_and_adults_are_kept_apart(second: Release, client: Client) -> None:
    for_child = client.get(PAGE, {"for": "child"}).content.decode()
    assert "Children hum higher" in for_child
    assert "Grown-ups hum lower" not in for_child


def test_data(second: Release, client: Client) -> None:
    told = client.get(f"{PAGE}data.json").json()
    assert told["condition"]["slug"] == "marble-hum-syndrome"
    assert len(told["statements"]) == sum(
        len(each["statements"]) for each in current(second.snapshot)["sections"]
    )
    assert not FIRST.search(json.dumps(told))


@pytest.mark.parametrize(
    ("query", "found", "not_found"),
    [
        ("humming hands", "marble-hum-syndrome", "opsoclonus-myoclonus-syndrome"),
        ("MHS", "marble-hum-syndrome", "opsoclonus-myoclonus-syndrome"),
        ("marbel hum", "marble-hum-syndrome", "opsoclonus-myoclonus-syndrome"),
        ("dancing eyes", "opsoclonus-myoclonus-syndrome", "marble-hum-syndrome"),
    ],
)
def test_search_finds_the_right_one(
    second: Release, client: Client, query: str, found: str, not_found: str
) -> None:
    page = client.get("/conditions/", {"q": query}).content.decode()
    assert f"/conditions/{found}/" in page
    assert f"/conditions/{not_found}/" not in page


def test_the_list_names_both(second: Release, client: Client) -> None:
    page = client.get("/conditions/").content.decode()
    assert PAGE in page
    assert "/conditions/opsoclonus-myoclonus-syndrome/" in page


FILES = [
    path
    for folder in ("conditions", "templates/conditions", "templates/admin/conditions")
    for path in sorted((ROOT / folder).rglob("*"))
    if path.suffix in {".py", ".html", ".txt", ".xml", ".typ", ".js", ".css", ".json"}
    and not {"packs", "migrations"} & set(path.parts)
]


def acting(path: Path) -> Iterator[str]:
    """What a file does or shows: of Python its names and texts, without comments and docstrings."""
    text = path.read_text()
    if path.suffix == ".py":
        tree = ast.parse(text)
        prose = {
            id(node.value)
            for node in ast.walk(tree)
            if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
        }
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant) and id(node) not in prose:
                yield str(node.value)
            yield str(getattr(node, "id", getattr(node, "attr", getattr(node, "name", ""))))
    else:
        yield re.sub(r"{#.*?#}", "", text)


def test_no_code_knows_the_first_condition() -> None:
    assert len(FILES) > 40
    assert FIRST.search("from OMS import dancing_eyes")
    known = [(str(path.relative_to(ROOT)), words) for path in FILES for words in acting(path)]
    assert [(name, words) for name, words in known if FIRST.search(words)] == []
