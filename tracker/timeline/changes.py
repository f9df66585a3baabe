"""What changed since a clinician's last look, in sentences; what did not change is not said."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from tracker.timeline.courses import dose
from tracker.timeline.facts import Given, Record, day_words, number

Told = tuple[date, int]  # a day and the home check total of that day
MOST = 4  # of one kind that are said one by one


@dataclass(frozen=True)
class News:
    """Since a look: how many entries and messages came, and the newest home check before it and now."""

    entries: int
    was: Told | None
    now: Told | None
    letters: int = 0


def changes(look: datetime, day: date, today: date, news: News, record: Record) -> list[str]:
    """Sentences since a look at the moment `look`, which was `day` at the clinic; worst news first."""
    return [
        *_flags(record, look),
        *_letters(news.letters),
        *_checks(news),
        *_treatments(record.treatments, look, day, today),
        *_missed(record, look),
        *_events(record, look),
        _entries(news.entries),
    ]


def _entries(number: int) -> str:
    if not number:
        return "No new entry."
    return "1 new entry." if number == 1 else f"{number} new entries."


def _letters(sent: int) -> Iterator[str]:
    if sent:
        yield "The family sent a message." if sent == 1 else f"The family sent {sent} messages."


def _checks(news: News) -> Iterator[str]:
    if news.now is None or news.now == news.was:
        return
    on, total = news.now
    if news.was is None:
        yield f"First home check with a total: {total} of 18 on {day_words(on)}."
        return
    was, before = news.was[1], day_words(news.was[0])
    if total == was:
        yield f"Home check {total} as before ({before} and {day_words(on)})."
        return
    points = "1 point" if abs(total - was) == 1 else f"{abs(total - was)} points"
    way = "up" if total > was else "down"
    yield f"Home check was {was} on {before}, now {total} on {day_words(on)}: {points} {way}."


def _flags(record: Record, look: datetime) -> Iterator[str]:
    new = [flag for flag in record.flags if flag.known_at and flag.known_at > look]
    if len(new) == 1:
        yield f"New flag of {day_words(new[0].day)}, {new[0].label.lower()}: {new[0].reason}"
    elif new:  # they stand beside it in full
        labels = ", ".join(dict.fromkeys(flag.label.lower() for flag in new))
        yield f"{len(new)} new flags: {labels}."


def _treatments(given: Sequence[Given], look: datetime, day: date, today: date) -> Iterator[str]:
    """New plans and what they came to, agent by agent; of many only the newest are told one by one."""
    for agent in dict.fromkeys(one.agent for one in given):
        told = [words for one in given if one.agent == agent for words in _plan(one, look, day, today)]
        yield from told[-MOST:]
        if len(told) > MOST:
            yield f"{len(told) - MOST} more changes of {agent}."


def _plan(one: Given, look: datetime, day: date, today: date) -> Iterator[str]:
    new = one.known_at is not None and one.known_at > look
    if one.never:
        yield from [f"Plan of {one.agent} from {day_words(one.first)}: {one.never}."] if new else []
        return
    if new:
        yield f"New plan: {one.agent} from {day_words(one.first)}, {dose(one, one.amount)}."
    elif day < one.first <= today:
        yield f"{one.agent} began on {day_words(one.first)}, {dose(one, one.amount)}."
    for on, amount in one.steps:
        if day < on <= today and (one.last is None or on <= one.last):
            yield f"{one.agent} stepped to {dose(one, amount)} on {day_words(on)}."
    if one.last and day <= one.last < today and not one.brief and not one.goes_on:
        yield f"{one.agent} ended on {day_words(one.last)}."


def _missed(record: Record, look: datetime) -> Iterator[str]:
    new = [one for one in record.not_given if one.known_at and one.known_at > look]
    if new:
        agents = ", ".join(dict.fromkeys(one.agent for one in new))
        doses = "1 dose" if len(new) == 1 else f"{number(len(new))} doses"
        yield f"{doses} not given as planned: {agents}."


def _events(record: Record, look: datetime) -> Iterator[str]:
    new = [one for one in record.events if one.known_at and one.known_at > look]
    for event in new[:MOST]:
        text = f": {event.text.rstrip('.')}" if event.text else ""
        yield f"{event.kind}, {day_words(event.first, event.last)}{text}."
    if len(new) > MOST:
        yield f"{len(new) - MOST} more events."
