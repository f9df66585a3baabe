"""Numbers as people read them."""

from decimal import Decimal


def often(times: int, every: int) -> str:
    """How often a dose is given: `2 doses a day`, `1 dose every other day`, `1 dose every 7 days`."""
    doses = "1 dose" if times == 1 else f"{times} doses"
    return f"{doses} {'a day' if every == 1 else 'every other day' if every == 2 else f'every {every} days'}"


def number(value: Decimal | float) -> str:
    """A number without idle zeros: 7, 2.5; of a dose or another Decimal every digit, 1234567 or 0.00001."""
    return f"{value.normalize():f}" if isinstance(value, Decimal) else f"{value:g}"
