"""Numbers as people read them."""

from decimal import Decimal


def number(value: Decimal | float) -> str:
    """A number without idle zeros: 7, 2.5; of a dose or another Decimal every digit, 1234567 or 0.00001."""
    return f"{value.normalize():f}" if isinstance(value, Decimal) else f"{value:g}"
