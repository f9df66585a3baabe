"""Plans of doses laid out in days, as typed: no dose is worked out from a weight. No query, no request."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from tracker.numbers import number, often

MOST = 60  # steps of a plan, or turns of a series
DAY = timedelta(days=1)


class TooMany(Exception):
    """The plan has more than MOST steps."""


@dataclass(frozen=True)
class Step:
    """From `on`, so much per dose."""

    on: date
    amount: Decimal


@dataclass(frozen=True)
class Line:
    """What is given from `first` to `last` day (None: open), `amount` per dose.

    `per_day` doses on a day, every so many days.

    `unit` is the word for the unit, as a page shows it.
    """

    first: date
    last: date | None
    amount: Decimal | None
    per_day: int | None
    unit: str
    every: int = 1

    @property
    def often(self) -> str:
        """`2 doses a day`, `1 dose every 7 days`, or that it was not said."""
        return "not said" if self.per_day is None else often(self.per_day, self.every)

    @property
    def a_day(self) -> Decimal | None:
        """All doses of a day together."""
        return None if self.amount is None or self.per_day is None else self.amount * self.per_day

    @property
    def per_dose_words(self) -> str:
        """`20 mg`, or that it was not said."""
        return "not said" if self.amount is None else f"{number(self.amount)} {self.unit}"

    @property
    def a_day_words(self) -> str:
        """`40 mg`, or that it was not said; what is not given daily comes to nothing a day."""
        if self.a_day is None:
            return "not said"
        return "not daily" if self.every > 1 else f"{number(self.a_day)} {self.unit}"


def last_given(ends_on: date | None, steps: Iterable[tuple[date, Decimal]]) -> date | None:
    """The last day on which a plan is given, None until further notice; `steps`: from a day, an amount.

    One that goes down to nothing was last given on the eve of that step, whatever end was written down.
    Steps after the end do not count.
    """
    last = ends_on
    for on, amount in sorted(steps, reverse=True):
        if ends_on is not None and on > ends_on:
            continue
        if amount:
            break
        last = on - DAY
    return last


def reduce(start: Step, by: Decimal, every: int, until: Decimal) -> list[Step]:
    """The steps after `start`: less `by` every so many days, the last one exactly `until`.

    Errors: ValueError unless `by` and `every` are above 0 and `until` lies under the start;
    TooMany for more than MOST steps.
    """
    if by <= 0 or every <= 0 or not 0 <= until < start.amount:
        raise ValueError("A reduction goes down, in steps, to an amount under the first.")
    if start.amount - until > by * MOST:
        raise TooMany
    steps, amount, on = [], start.amount, start.on
    while amount > until:
        amount, on = max(amount - by, until), on + every * DAY
        steps.append(Step(on, amount))
    return steps


def turns(first: date, days: int, every: int, number: int) -> list[tuple[date, date]]:
    """First and last day of each of `number` turns of `days` days, one every `every` days."""
    starts = [first + turn * every * DAY for turn in range(number)]
    return [(start, start + (days - 1) * DAY) for start in starts]


def lines(
    start: Step, last: date | None, per_day: int | None, unit: str, steps: Sequence[Step]
) -> list[Line]:
    """Each stretch of one dose, in order; `last` is the last day of all, or None."""
    every = [start, *steps]
    ends = [step.on - DAY for step in steps] + [last]
    return [Line(one.on, end, one.amount, per_day, unit) for one, end in zip(every, ends, strict=True)]
