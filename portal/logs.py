"""Log lines of allow-listed facts: never an address, a name, or what somebody typed.

An exception is told by its type and where it was raised, as its arguments may hold a row: psycopg puts
values into DETAIL. A library's words are left out with their arguments; its logger's name, the level and
the line that spoke are kept, and lead to them.
"""

import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from traceback import walk_tb
from typing import TextIO

OURS = ("portal", "conditions", "tracker")
KEYS = ("request", "route", "status", "ms", "queries", "roles")
MOST_FRAMES = 30  # the last ones; an endless recursion has a thousand

Facts = dict[str, object]
about_request: ContextVar[Facts | None] = ContextVar("about_request", default=None)


@contextmanager
def answering(request_id: str) -> Iterator[Facts]:
    """Give every line of the block the request's id; the yielded facts may be added to."""
    facts: Facts = {"request": request_id, "roles": "-"}
    token = about_request.set(facts)
    try:
        yield facts
    finally:
        about_request.reset(token)


def note_roles(roles: list[str]) -> None:
    """Tell the lines of this request, if there is one, in which roles it is made."""
    facts = about_request.get()
    if facts is not None:
        facts["roles"] = ",".join(roles) or "-"


def facts_of(record: logging.LogRecord) -> Facts:
    """All that a line may say."""
    facts: Facts = {
        "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
        "level": record.levelname,
        "logger": record.name,
        "where": f"{record.module}:{record.lineno}",
    }
    if record.name.partition(".")[0] in OURS:  # a constant of our source: a test looks at every call
        facts["event"] = str(record.msg)
        facts |= {key: vars(record)[key] for key in KEYS if key in vars(record)}
    facts = {**(about_request.get() or {}), **facts}
    if record.exc_info and record.exc_info[1]:
        facts |= facts_of_error(record.exc_info[1])
    return facts


def facts_of_error(error: BaseException) -> Facts:
    """`errors`: type names, the raised one first, then its causes; `frames`: module:function:line."""
    frames = [
        f"{frame.f_globals.get('__name__')}:{frame.f_code.co_name}:{line}"
        for frame, line in walk_tb(error.__traceback__)
    ]
    types = [f"{type(each).__module__}.{type(each).__qualname__}" for each in causes(error)]
    return {"errors": types, "frames": frames[-MOST_FRAMES:]}


def causes(error: BaseException | None) -> Iterator[BaseException]:
    """The error, what caused it, and so on."""
    while error is not None:
        yield error
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)


class JsonLines(logging.Formatter):
    """One JSON object a line, for machines that collect them."""

    def format(self, record: logging.LogRecord) -> str:
        """Write the facts and nothing else of the record."""
        return json.dumps(facts_of(record), default=str)


class ReadableLines(logging.Formatter):
    """The same facts for a person at a terminal."""

    def format(self, record: logging.LogRecord) -> str:
        """Time, level and logger, then what else there is."""
        facts = facts_of(record)
        head = [str(facts.pop(key)) for key in ("time", "level", "logger")]
        return " ".join(head + [f"{key}={value}" for key, value in facts.items()])


class Console(logging.StreamHandler[TextIO]):
    """Writes lines to stderr."""

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - Python's name
        """Drop a line that cannot be written: Python would print its arguments instead."""
