"""Loading makes the working rows equal the pack, touches nothing twice, and publishes nothing."""

from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from conditions import loading, pack, snapshot
from conditions.models import Citation, Condition, Edit, Feature, Release, Section, Source, Statement
from tests.conditions import packs
from tests.conditions.conftest import OMS

pytestmark = pytest.mark.django_db


def run(path: Path, *options: str) -> str:
    out = StringIO()
    call_command("load_pack", str(path), *options, stdout=out)
    return out.getvalue()


def test_rows_equal_the_pack(tmp_path: Path) -> None:
    read = pack.read(packs.write(tmp_path))
    loading.load(read)
    small = Condition.objects.get(slug="small-syndrome")
    assert snapshot.take(small) == snapshot.canonical(read.content)


def test_the_oms_pack_loads_and_a_second_time_changes_nothing() -> None:
    assert "made, as a draft." in run(OMS)
    edits = Edit.objects.count()
    assert run(OMS) == "Nothing to change.\n"
    assert Edit.objects.count() == edits
    assert not Release.objects.exists()


def test_a_dry_run_says_all_and_changes_nothing(tmp_path: Path) -> None:
    said = run(packs.write(tmp_path), "--dry-run")
    assert "added statement what" in said
    assert "to make; this was a dry run." in said
    assert not Condition.objects.exists()


def test_each_changed_row_is_told(small: Condition, tmp_path: Path) -> None:
    files = packs.changed("sections/01-overview.yaml", "It is *rare*.", "It is very rare.")
    assert run(packs.write(tmp_path, files)) == "changed statement what: text\n1 change made, as a draft.\n"
    assert Statement.objects.get(key="what").text == "It is very rare."


def test_what_the_pack_lacks_goes_and_a_moved_statement_keeps_its_row(
    small: Condition, tmp_path: Path
) -> None:
    moved = Statement.objects.get(key="adults").pk
    later = packs.SECTION.split("  - key: adults")
    files = {
        "sections/01-overview.yaml": later[0].split("  - key: children")[0],
        "sections/02-adults.yaml": f"key: adults\ntitle: Adults\nstatements:\n  - key: adults{later[1]}",
        **packs.changed("condition.yaml", packs.CONDITION[packs.CONDITION.index("features:") :], ""),
    }
    assert loading.load(pack.read(packs.write(tmp_path, files))) == [
        "removed feature HP:0001336 child",
        "added section adults",
        "removed statement children",
        "changed statement adults: position, section",
    ]
    assert Statement.objects.get(key="adults").pk == moved
    assert not Feature.objects.exists()


def test_a_source_goes_after_what_cited_it(small: Condition, tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {name: text.replace("two", "one") for name, text in packs.FILES.items()}
    files["sources.yaml"] = packs.SOURCES[: packs.SOURCES.index("- key: two")]
    files["sections/01-overview.yaml"] = packs.SECTION.replace("      - source: two\n", "", 1).replace(
        "two", "one"
    )
    loading.load(pack.read(packs.write(tmp_path, files)))
    assert [source.key for source in Source.objects.all()] == ["one"]
    assert Citation.objects.count() == 3


def test_a_section_and_a_doubled_key_that_the_pack_lacks_go(small: Condition, tmp_path: Path) -> None:
    extra = Section.objects.create(condition=small, key="extra", title="Extra", position=5)
    Statement.objects.create(section=extra, key="what", text="A second row with the same key.")
    read = pack.read(packs.write(tmp_path))
    assert "removed section extra" in loading.load(read)
    assert snapshot.take(small) == snapshot.canonical(read.content)
    assert loading.load(read) == []


def test_a_broken_pack_is_told_whole_and_changes_nothing(tmp_path: Path) -> None:
    files = packs.changed("condition.yaml", "kind: lay", "kind: x") | packs.changed(
        "sources.yaml", "whole", "all"
    )
    err = StringIO()
    with pytest.raises(CommandError, match="The pack has 2 mistakes; nothing was changed"):
        call_command("load_pack", str(packs.write(tmp_path, files)), stderr=err)
    assert len(err.getvalue().splitlines()) == 2
    assert not Condition.objects.exists()


def test_one_mistake_is_one(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="1 mistake;"):
        call_command(
            "load_pack",
            str(packs.write(tmp_path, packs.changed("sources.yaml", "2020", "1066"))),
            stderr=StringIO(),
        )
