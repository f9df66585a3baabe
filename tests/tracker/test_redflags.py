"""Signs and temperature: how soon, and what counts when it is not known."""

from datetime import date, timedelta

import pytest

from tracker.redflags import (
    IMMUNOGLOBULIN,
    STEROIDS,
    SUPPRESSIVE,
    Guard,
    Mark,
    Treatment,
    guard_on,
    of_sign,
    of_temperature,
)

DAY = date(2025, 6, 1)
HELD_DOWN, STEROID = Guard(immunosuppressed=True), Guard(steroid_exposed=True)


def ago(days: int) -> date:
    return DAY - timedelta(days=days)


def given(agent: str, first: int, last: int | None = None, form: str = "daily") -> Treatment:
    return Treatment(agent, form, ago(first), None if last is None else ago(last))


@pytest.mark.parametrize(
    ("degrees", "flagged"), [(38.0, True), (37.9, False), (36.0, False), (35.9, True), (41, True)]
)
def test_a_temperature_counts_only_while_immunosuppressed(degrees: float, flagged: bool) -> None:
    flag = of_temperature(degrees, HELD_DOWN)
    assert (flag is not None and flag.tier == "emergency") is flagged
    assert of_temperature(degrees, Guard()) is None


def test_a_clinic_may_set_its_own_limits() -> None:
    assert of_temperature(38.2, HELD_DOWN, fever=38.5) is None
    assert of_temperature(36.4, HELD_DOWN, low=36.5) is not None


@pytest.mark.parametrize(
    ("sign", "guard", "tier"),
    [
        ("breathing_trouble", Guard(), "emergency"),
        ("seizure", Guard(), "emergency"),
        ("cannot_walk", Guard(), "emergency"),
        ("falls_with_continuous_opsoclonus", Guard(), "emergency"),
        ("self_harm", Guard(), "emergency"),
        ("infusion_reaction", Guard(), "emergency"),
        ("vomiting_doses", STEROID, "emergency"),
        ("floppy", STEROID, "emergency"),
        ("vomiting_doses", Guard(), "same_day"),
        ("floppy", Guard(), "same_day"),
        ("severe_headache", Guard(), "emergency"),
        ("severe_headache", Guard(since_ivig=0), "emergency"),
        ("severe_headache", Guard(since_ivig=1), "same_day"),
        ("severe_headache", Guard(since_ivig=7), "same_day"),
        ("severe_headache", Guard(since_ivig=8), "emergency"),
        ("chickenpox_contact", HELD_DOWN, "same_day"),
        ("chickenpox_contact", Guard(), None),
        ("new_lump", Guard(), "soon"),
        ("hiccups", Guard(), None),
    ],
)
def test_each_sign_has_its_tier(sign: str, guard: Guard, tier: str | None) -> None:
    flag = of_sign(sign, guard)
    assert (flag.tier if flag else None) == tier
    assert flag is None or flag.reason.endswith(".")


@pytest.mark.parametrize(
    "agent",
    ["Rituximab", "cyclophosphamide", "mycophenolate mofetil", "chemotherapy (as planned)", "dexamethasone"],
)
def test_what_weakens_the_immune_system_counts_until_somebody_ends_it(agent: str) -> None:
    assert guard_on(DAY, [given(agent, 900, 890)], []).immunosuppressed
    assert not guard_on(DAY, [given(agent, -1)], []).immunosuppressed


@pytest.mark.parametrize(
    ("agent", "parts"),
    [
        *((name, STEROIDS) for name in ("Dex", "DEX 20 mg", "(dex)", "dexa, IV", "Decadron", "Solu-Medrol")),
        *(
            (name, STEROIDS)
            for name in ("methylpred", "IV Methylprednisolone", "Synacthen", "Acthar", "ACTH")
        ),
        *((name, SUPPRESSIVE) for name in ("MMF", "CellCept", "mmf/IVIG", "MabThera", "Rituxan", "Truxima")),
        *((name, SUPPRESSIVE) for name in ("Endoxan", "Cytoxan", "Imuran", "6-mercaptopurine")),
        *((name, IMMUNOGLOBULIN) for name in ("Privigen", "Gamunex-C", "Octagam", "Kiovig", "IVIg 2 g/kg")),
    ],
)
def test_short_names_and_brands_are_known(agent: str, parts: tuple[str, ...]) -> None:
    assert given(agent, 3).holds(parts)


@pytest.mark.parametrize("agent", ["Index remedy", "dextrose", "dexmedetomidine", "ActHIB", "hummfoo", ""])
def test_others_that_only_look_alike_are_not(agent: str) -> None:
    assert not any(given(agent, 3).holds(parts) for parts in (STEROIDS, SUPPRESSIVE, IMMUNOGLOBULIN))


@pytest.mark.parametrize("agent", ["IVIG", "melatonin", "hydrocortisone", "clonazepam"])
def test_others_do_not(agent: str) -> None:
    assert not guard_on(DAY, [given(agent, 30)], []).immunosuppressed


def test_a_mark_decides_until_a_new_treatment() -> None:
    rituximab, over = given("rituximab", 300, 290), Mark("immunosuppressed", ago(300), ago(20))
    assert guard_on(ago(20), [], [over]).immunosuppressed
    assert not guard_on(DAY, [rituximab], [over]).immunosuppressed
    assert guard_on(DAY, [rituximab, given("rituximab", 10, 9)], [over]).immunosuppressed
    assert guard_on(DAY, [given("prednisolone", 300)], [over]).immunosuppressed  # it still goes on
    assert guard_on(DAY, [], [Mark("immunosuppressed", ago(5))]).immunosuppressed


@pytest.mark.parametrize(("ended", "exposed"), [(0, True), (365, True), (366, False)])
def test_steroids_count_for_a_year_after_the_last_day(ended: int, exposed: bool) -> None:
    assert guard_on(DAY, [given("corticotropin", 500, ended)], []).steroid_exposed is exposed


def test_days_since_immunoglobulin_are_those_since_its_last_day() -> None:
    rows = [given("IVIG", 40, 40), given("immunoglobulin", 4, 3), given("IVIG", -5, -5)]
    assert guard_on(DAY, rows, []).since_ivig == 3
    assert guard_on(DAY, [given("IVIG", 4)], []).since_ivig == 0
    assert guard_on(DAY, [], []) == Guard()
