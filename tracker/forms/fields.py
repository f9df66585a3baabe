"""Fields as families type them: numbers with a comma, words with the keyboard's line ends."""

from datetime import date
from decimal import Decimal
from functools import cache
from typing import Any
from zoneinfo import available_timezones

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import MaxLengthValidator
from django.utils import timezone

from tracker.scoring import MEASUREMENTS, Item

WRONG_NUMBER = ("invalid", "min_value", "max_value", "max_digits", "max_decimal_places", "max_whole_digits")
OLDEST = 120  # years
UNSURE = "unsure"  # "can't tell": asked, and not to be judged


@cache
def known_zones() -> frozenset[str]:
    """Every IANA name; read from the disk once, as that takes a tenth of a second."""
    return frozenset(available_timezones())


def known_zone(name: str) -> None:
    """Errors: ValidationError for anything but an IANA name that this server knows."""
    if name not in known_zones():
        raise ValidationError("We do not know this time zone.")


def within_a_lifetime(born: date) -> None:
    """Errors: ValidationError for a birth date in the future, or longer ago than a human life."""
    today = timezone.localdate()
    if born > today:
        raise ValidationError("The date of birth lies in the future. Check the year.")
    if born.year < today.year - OLDEST:
        raise ValidationError(f"The date of birth is more than {OLDEST} years ago. Check the year.")


class Number(forms.DecimalField):
    """One number within the range of its kind in `scoring.MEASUREMENTS`; `38,2` is `38.2`."""

    def __init__(self, kind: str, message: str, *, places: int, **options: Any) -> None:
        _, low, high = MEASUREMENTS[kind]
        keyboard = "decimal" if places else "numeric"
        super().__init__(
            min_value=low,
            max_value=high,
            decimal_places=places,
            required=False,
            widget=forms.TextInput(attrs={"inputmode": keyboard, "autocomplete": "off"}),
            error_messages=dict.fromkeys(WRONG_NUMBER, message),
            **options,
        )

    def clean(self, value: Any) -> Decimal | None:
        """Read it with a point or a comma."""
        number: Decimal | None = super().clean(value.replace(",", ".") if isinstance(value, str) else value)
        return number


class Words(forms.CharField):
    """Free text up to `most` letters, however it was typed.

    No maxlength in the page: browsers would cut a pasted text without a word.
    """

    def __init__(self, most: int, *, rows: int, **options: Any) -> None:
        too_long = f"This is too long: %(show_value)d letters. Shorten it to {most}; your text is still here."
        limit = MaxLengthValidator(most, message=too_long)
        super().__init__(widget=forms.Textarea(attrs={"rows": rows}), validators=[limit], **options)

    def to_python(self, value: Any) -> str:
        """One kind of line end, so that each counts as one letter."""
        return (super().to_python(value) or "").replace("\r\n", "\n")


class RatingField(forms.ChoiceField):
    """0-3 of one item in its own words, or "can't tell"; left alone it was not asked."""

    def __init__(self, item: Item) -> None:
        choices = [*((str(value), words) for value, words in enumerate(item.anchors)), (UNSURE, "Can’t tell")]
        super().__init__(
            label=item.question,
            choices=choices,
            required=False,
            widget=forms.RadioSelect,
            error_messages={"invalid_choice": "Choose one of the answers shown here."},
        )
