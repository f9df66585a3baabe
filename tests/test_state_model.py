"""Seats, roles, freezing, hiding, emergencies and time: model, pages and row-level security agree."""

import pytest

from tests import state_model

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "owner"])


def test_model_pages_and_rows_agree() -> None:
    compared = state_model.run(programs=12, steps=20)
    print(f"\n{compared} states compared")
    assert compared >= 200
