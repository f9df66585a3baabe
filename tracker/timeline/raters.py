"""Several caregivers in one lane: whose mark is which, and how far apart they rate on the same weeks."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from statistics import mean, median

from tracker.timeline.facts import Logged, number

LETTERS = "ABCDEF"
SHAPES = ("circles", "squares", "diamonds")


def letters(checks: Sequence[Logged]) -> dict[str, str]:
    """Author -> letter, in the order of their first complete check; empty unless there are several."""
    names = list(dict.fromkeys(check.author for check in checks if check.total is not None))
    return dict(zip(names, LETTERS, strict=False)) if len(names) > 1 else {}


def shape(check: Logged, known: dict[str, str]) -> int:
    """Which of SHAPES marks a check: the first for a single author."""
    letter = known.get(check.author, LETTERS[0] if not known else LETTERS[-1])
    return min(LETTERS.index(letter), len(SHAPES) - 1)


def apart(checks: Sequence[Logged]) -> str:
    """`A rates 1.5 higher than B on the same weeks (4).`; empty unless the first two share a week.

    The difference is the mean, over those weeks, of the difference of the two weekly medians.
    """
    known = letters(checks)
    if not known:
        return ""
    weeks: dict[str, dict[tuple[int, int], list[int]]] = defaultdict(lambda: defaultdict(list))
    for check in checks:
        if check.total is not None and check.author in known:
            weeks[known[check.author]][_week(check.day)].append(check.total)
    both = sorted(weeks["A"].keys() & weeks["B"].keys())
    if not both:
        return ""
    higher = round(mean(median(weeks["A"][week]) - median(weeks["B"][week]) for week in both), 1)
    count = f"({len(both)} {'week' if len(both) == 1 else 'weeks'})"
    if not higher:
        return f"A and B rate alike on the same weeks {count}."
    first, second = ("A", "B") if higher > 0 else ("B", "A")
    return f"{first} rates {number(abs(higher))} higher than {second} on the same weeks {count}."


def named(checks: Sequence[Logged], *, shapes: bool = True) -> list[str]:
    """`A (circles): Ava Parent.`, `B (squares): Noor Parent.`; empty for a single author."""
    known = enumerate(letters(checks).items())
    return [
        f"{letter}{f' ({SHAPES[min(place, len(SHAPES) - 1)]})' if shapes else ''}: {author}."
        for place, (author, letter) in known
    ]


def _week(day: date) -> tuple[int, int]:
    return day.isocalendar()[:2]
