"""100 programs of 50 steps over who may see what; a failure prints the program that shows it."""

import pytest

from tests import state_model

pytestmark = [pytest.mark.drill, pytest.mark.django_db(transaction=True, databases=["default", "owner"])]


def test_model_pages_and_rows_agree_for_long() -> None:
    compared = state_model.run(programs=100, steps=50, drill=True)
    print(f"\n{compared} states compared: the model, the pages and the rows agree in all")
    assert compared >= 2_500
