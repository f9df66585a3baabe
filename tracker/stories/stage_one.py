"""When a daily entry makes the diary ask for a full home check."""

from statistics import median

WATCHED = ("eyes", "jerks", "walking", "hands")
WINDOW = 14  # days of which the median is taken
ENOUGH = 4  # entries in them
RUNNING = 3  # two entries at most this many days apart count as running, since families skip days

Days = dict[int, dict[str, int | None]]


def asks_for_check(daily: Days, day: int) -> bool:
    """Whether an eye or motor item is 2 over its 14-day median, or 1 over it twice running.

    `daily` has the ratings of each day logged, that of `day` included.
    Source: the project's clinical reference, section 2.3, stage one.
    """
    earlier = next((other for other in range(day - 1, day - 1 - RUNNING, -1) if other in daily), None)
    for item in WATCHED:
        rise = _rise(daily, day, item)
        again = rise >= 1 and earlier is not None and _rise(daily, earlier, item) >= 1
        if rise >= 2 or again:
            return True
    return False


def _rise(daily: Days, day: int, item: str) -> float:
    """Points over the median of the days before; 0 when one of the two is unknown."""
    now = daily[day][item]
    past = [daily[other][item] for other in range(day - WINDOW, day) if other in daily]
    known = [score for score in past if score is not None]
    return now - median(known) if now is not None and len(known) >= ENOUGH else 0.0
