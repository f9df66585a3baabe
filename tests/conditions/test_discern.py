"""The self-audit finds words and judges nothing."""

from conditions import discern, snapshot
from conditions.models import Condition, Statement


def found(item: int) -> list[str]:
    content = snapshot.take(Condition.objects.get())
    return next(answer["statements"] for answer in discern.audit(content) if answer["item"] == item)


def test_words_and_dissent_are_found(small: Condition) -> None:
    Statement.objects.filter(key="what").update(text="It is not known why. Side effects are common.")
    Statement.objects.filter(key="adults").update(dissent="Second work says otherwise.")
    assert found(8) == ["what", "adults"]
    assert found(11) == ["what"]
    assert found(15) == []


def test_a_part_of_a_word_is_not_one(small: Condition) -> None:
    Statement.objects.filter(key="what").update(text="A task for the asterisk.")
    assert found(11) == []
    assert found(15) == []
