"""The treatments: a row an agent, as high as the dose, with its steps; infusions and pulses as marks."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from tracker.numbers import often
from tracker.timeline.axis import DAY, Axis
from tracker.timeline.facts import Given, day_words, number
from tracker.timeline.shapes import Lane, Path, Text, box, shortened, spaced

WORDS, BAR, SPACE = 15, 24, 8  # a row: the doses in words, the bar, the space beneath
FOOT = 5  # the lowest bar
TONES = 6
Stretch = tuple[date, date, Decimal | None]


def lane(axis: Axis, top: float, treatments: Sequence[Given]) -> Lane:
    """A row for each agent that was given in the period, in the order of their first start."""
    paths: list[Path] = []
    texts: list[Text] = []
    y = top
    for tone, rows in by_agent(axis, treatments):
        y += 17 if axis.sheet.above else 0
        foot = y + WORDS + BAR
        texts.extend(_names(axis, foot, rows))
        paths.extend(_bar(axis, foot, row, _most(axis, rows), tone) for row in rows)
        texts.extend(spaced(_doses(axis, foot - BAR - 4, rows), 7))
        y = foot + SPACE
    return Lane(top, max(y - top, 0), paths, texts, own=True)


def by_agent(axis: Axis, treatments: Sequence[Given]) -> list[tuple[int, list[Given]]]:
    """(tone, treatments) of each row: one agent each, but those that overlap in time get rows of their own.

    Order and tone (1 to 6) come from all that was ever given, so that neither changes with the period.
    """
    agents: dict[tuple[str, str], list[list[Given]]] = {}
    for given in sorted(treatments, key=lambda row: (row.first, row.agent)):
        if given.never:
            continue
        rows = agents.setdefault((given.agent, given.unit), [])
        row = next((row for row in rows if row[-1].last and row[-1].last < given.first), None)
        if row is None:
            rows.append([given])
        else:
            row.append(given)
    toned = [(place % TONES + 1, row) for place, rows in enumerate(agents.values()) for row in rows]
    shown = [(tone, [given for given in row if _shown(axis, given)]) for tone, row in toned]
    return [(tone, row) for tone, row in shown if row]


def _shown(axis: Axis, given: Given) -> bool:
    return axis.shows(given.first, min(given.last or axis.last, axis.last))


def stretches(axis: Axis, given: Given) -> list[Stretch]:
    """(first day, last day, amount per dose) for each time the dose stayed the same, up to today."""
    last = min(given.last or axis.last, axis.last)
    starts = [(given.first, given.amount), *((on, amount) for on, amount in given.steps if on <= last)]
    ends = [on - DAY for on, _ in starts[1:]] + [last]
    return [(first, end, amount) for (first, amount), end in zip(starts, ends, strict=True) if end >= first]


def a_day(given: Given, amount: Decimal | None) -> Decimal:
    """What a day's doses come to in the middle, for the height of the bar alone; 0 when unknown."""
    return (amount or Decimal(0)) * (given.per_day or 1) / given.every


def told(given: Given) -> str:
    """The treatment in words, dose and day both named."""
    days = day_words(given.first, given.last) if given.last else f"from {day_words(given.first)}, ongoing"
    return f"{given.agent}, {days}. {doses(given)}"


def doses(given: Given) -> str:
    """The first dose, each step, and the note."""
    words = [dose(given, given.amount)]
    words.extend(f"from {day_words(on)}: {dose(given, amount)}" for on, amount in given.steps)
    return ". ".join([*words, *filter(None, [given.note.rstrip(".")])])


def dose(given: Given, amount: Decimal | None) -> str:
    """`75 mg per dose, 2 doses a day (150 mg a day)`, or that it is not recorded."""
    if amount is None:
        return "dose not recorded"
    each = f"{number(amount)} {given.unit} per dose"
    if given.brief or not given.per_day:
        return each
    words = f"{each}, {often(given.per_day, given.every)}"
    if given.every > 1:
        return f"{words}, not daily"
    return f"{words} ({number(a_day(given, amount))} {given.unit} a day)"


def _most(axis: Axis, rows: Sequence[Given]) -> Decimal:
    """The highest dose of a day that the period shows."""
    shown = ((row, one) for row in rows for one in stretches(axis, row) if axis.shows(one[0], one[1]))
    return max((a_day(row, amount) for row, (_, _, amount) in shown), default=Decimal(0))


def _bar(axis: Axis, foot: float, given: Given, most: Decimal, tone: int) -> Path:
    """A bar as high as the dose of the day, square for an unknown one; a brief one is at least 5 wide."""
    d = ""
    for first, last, amount in stretches(axis, given):
        high = FOOT + (BAR - FOOT) * float(a_day(given, amount) / most) if amount and most else BAR / 2
        if given.brief or not amount:
            high = BAR if given.brief else BAR / 2
        if axis.shows(first, last):
            left, right = axis.start(first), axis.end(last)
            middle = (left + right) / 2
            if given.brief:
                left, right = min(left, middle - 2.5), max(right, middle + 2.5)
            d += box(round(left, 1), round(foot - high, 1), round(right, 1), foot)
    kind = "chart-bar chart-brief" if given.brief else "chart-bar"
    return Path(d, f"{kind} tone-{tone}", told(given))


def _names(axis: Axis, foot: float, rows: Sequence[Given]) -> Iterator[Text]:
    agent, unit = rows[0].agent, f"{rows[0].unit} per dose" if rows[0].unit else "dose not recorded"
    if axis.sheet.above:
        room = axis.sheet.right - axis.sheet.left
        yield Text(axis.sheet.left, foot - BAR - WORDS - 4, shortened(f"{agent}, {unit}", room))
    else:
        beside = axis.sheet.left - 10
        yield Text(beside, foot - 13, shortened(agent, beside), "chart-text chart-text-strong", "end")
        yield Text(beside, foot + 1, shortened(unit, beside), anchor="end")


def _doses(axis: Axis, y: float, rows: Sequence[Given]) -> Iterator[Text]:
    """The amount wherever it changes, the longest first; `×2` is two doses a day."""
    changes: list[tuple[float, float, str]] = []
    for given in rows:
        times = f" ×{given.per_day}" if given.per_day and given.per_day > 1 and not given.brief else ""
        times += f" every {given.every} d" if given.every > 1 else ""
        for first, last, amount in stretches(axis, given):
            words = f"{number(amount)}{times}" if amount is not None else "?"
            if axis.shows(first, last) and not (changes and changes[-1][2] == words):
                changes.append((axis.start(first), axis.end(last), words))
    for left, _, words in sorted(changes, key=lambda change: change[0] - change[1]):
        yield Text(left, y, words)


@dataclass(frozen=True)
class Course:
    """One treatment as a row of the table: its doses and steps in words."""

    agent: str
    first: date
    until: str
    words: str


def rows(treatments: Sequence[Given]) -> list[Course]:
    """Every treatment, newest first."""
    newest = sorted(treatments, key=lambda given: given.first, reverse=True)
    return [Course(given.agent, given.first, _until(given), doses(given)) for given in newest]


def _until(given: Given) -> str:
    if given.never:
        return given.never
    return day_words(given.last) if given.last else "ongoing"


@dataclass(frozen=True)
class Current:
    """A treatment as it stands today, in words; `ahead` is the next planned step, or change."""

    agent: str
    dose: str
    since: date
    ahead: str
    note: str


def current(treatments: Sequence[Given], today: date) -> list[Current]:
    """What goes on today, and single doses of the last four weeks."""
    rows = []
    for given in treatments:
        recent = given.brief and given.first >= today - 28 * DAY
        lasts = given.last is None or given.last >= today
        if not given.never and given.first <= today and (recent or lasts):
            rows.append(_current(given, _after(given, treatments, today), today))
    return rows


def _after(given: Given, treatments: Sequence[Given], today: date) -> Given | None:
    """The plan that goes on from this one and has not begun."""
    ahead = [
        row
        for row in treatments
        if given.goes_on and row.agent == given.agent and row.first > today and not row.never
    ]
    return min(ahead, key=lambda row: row.first, default=None)


def _current(given: Given, after: Given | None, today: date) -> Current:
    steps = [(given.first, given.amount), *given.steps]
    since, amount = [step for step in steps if step[0] <= today][-1]
    ahead = [(on, dose(given, to)) for on, to in steps if on > today]
    if after:
        ahead.append((after.first, dose(after, after.amount)))
    told = f"{day_words(ahead[0][0])}: {ahead[0][1]}" if ahead else ""
    return Current(given.agent, dose(given, amount), since, told, given.note)
