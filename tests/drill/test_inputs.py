"""Twenty thousand requests that nobody should send: none is answered with an error of ours."""

from collections import Counter

import pytest

from tests import test_access
from tests.identities import World
from tests.portal import bad_inputs

pytestmark = [pytest.mark.drill, pytest.mark.django_db]
world = test_access.world  # the fixture


@pytest.mark.parametrize("seed", range(10))
def test_two_thousand_bad_requests(seed: int, world: World) -> None:
    answers = list(bad_inputs.sent(seed, 2_000, world))
    print(f"\nseed {seed}:", dict(sorted(Counter(each.status for each in answers).items())))
    assert len(answers) == 2_000
    assert [each for each in answers if bad_inputs.failed(each)] == []
