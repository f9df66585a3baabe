"""Amounts and counts as clinicians type them."""

import re
from decimal import Decimal
from typing import Any

from django import forms

from tracker.forms.fields import WRONG_NUMBER

THOUSANDS = re.compile(r"^\s*[1-9]\d{0,2},\d{3}\s*$")  # a thousand to some, one to others


class Amount(forms.DecimalField):
    """An amount per dose, with a point or a comma; never below 0."""

    def __init__(self, label: str, **options: Any) -> None:
        said = "Write the amount as a number, with at most three decimals."
        widget = forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"})
        super().__init__(
            label=label, min_value=0, max_digits=9, decimal_places=3, required=False, widget=widget,
            error_messages=dict.fromkeys(WRONG_NUMBER, said), **options,
        )  # fmt: skip

    def clean(self, value: Any) -> Decimal | None:
        """Read it with a point or a comma; what may be a thousand or one is asked about."""
        if isinstance(value, str) and THOUSANDS.match(value):
            raise forms.ValidationError("Write 1000 or 1.0: a comma before three digits can mean either.")
        amount: Decimal | None = super().clean(value.replace(",", ".") if isinstance(value, str) else value)
        return amount


class Count(forms.IntegerField):
    """A whole number from 1 on, up to `most`."""

    def __init__(self, label: str, most: int, **options: Any) -> None:
        said = f"Write a whole number from 1 to {most}."
        widget = forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"})
        super().__init__(
            label=label, min_value=1, max_value=most, required=False, widget=widget,
            error_messages=dict.fromkeys(("invalid", "min_value", "max_value"), said), **options,
        )  # fmt: skip
