"""Seals on the trail and on every row history: what was written stays as it was, or it shows.

A seal covers a closed window of transaction ids, `first <= xid < until`: no transaction below the
horizon of running transactions can still commit, so a late commit with a lower id is never passed
over. Sealing by the order of ids or of times would pass it over, and a chain from row to row would
make writers wait for each other. Each seal is chained to the one before; whoever remembers the newest
one, the head, also finds a trail that was written anew as a whole.

The epoch is the server's own number. A copy restored on another server counts transactions anew, goes
on in an epoch of its own, and what was sealed before still verifies.
"""

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC
from operator import attrgetter
from typing import Any

from django.apps import apps
from django.db import DEFAULT_DB_ALIAS, connections
from django.db.models import Max, Model
from django.utils import timezone

from portal.history import Past
from portal.identity import speaking_as
from portal.models import AuditEvent, Seal

JOB = "job:seal"  # the one identity under which the worker may read sealed tables
END = 2**63 - 1  # no transaction has a higher number
# One row, as text that any server gives alike: keys ordered by jsonb, times in UTC. Empty columns are
# left out, so that a column added later changes nothing of what was sealed before it.
ROWS = """
    SELECT t.xid,
        (SELECT jsonb_object_agg(key, value) FROM jsonb_each(to_jsonb(t)) WHERE value <> 'null')::text
    FROM {table} t WHERE t.epoch = %s AND t.xid >= %s AND t.xid < %s ORDER BY t.xid, t.{key}
"""


@dataclass(frozen=True)
class Window:
    """Transactions `first` up to but without `until`, of one epoch."""

    epoch: int
    first: int
    until: int


@dataclass
class Report:
    """What verifying found: one sentence for each fault, and how far the seals reach."""

    findings: list[str] = field(default_factory=list)
    seals: int = 0
    rows: int = 0
    newer: int = 0  # rows that wait for their seal, which is no fault
    head: str = ""


def tables() -> dict[str, str]:
    """The sealed tables in the order in which they are sealed, each with the column of its key."""
    models: list[type[Model]] = [
        AuditEvent,
        *(model for model in apps.get_models() if issubclass(model, Past)),
    ]
    return {model._meta.db_table: model._meta.pk.column for model in sorted(models, key=_table)}


def seal(using: str = DEFAULT_DB_ALIAS) -> Seal | None:
    """Seal all that is closed, as the worker; the newest seal, None for no rows or another at work."""
    newest = None
    with speaking_as(JOB, using):
        if not _ask(using, "SELECT pg_try_advisory_xact_lock(hashtextextended('portal.seals', 0))"):
            return None
        for window in _closed(using):
            newest = _sealed(using, window) or newest
    return newest


def head(using: str = DEFAULT_DB_ALIAS) -> Seal | None:
    """The newest seal."""
    return Seal.objects.using(using).order_by("-pk").first()


def can_read(using: str) -> bool:
    """Whether this login reads what is sealed: the owner and the worker do, the web never."""
    role = "SELECT pg_has_role(current_user, 'steady_policy', 'USAGE') OR current_user = 'steady_worker'"
    return bool(_ask(using, role))


def verify(using: str = DEFAULT_DB_ALIAS, remembered: str = "") -> Report:
    """Recompute every seal from the rows; `remembered` is a head (64 hex digits) kept elsewhere.

    Reads each sealed table once, in pieces.
    """
    report = Report()
    with speaking_as(JOB, using):
        seals = list(Seal.objects.using(using).order_by("pk"))
        report.seals, report.head = len(seals), seals[-1].chain if seals else ""
        report.findings += _faults_of_chain(seals)
        if remembered and remembered not in {each.chain for each in seals}:
            report.findings.append(f"The remembered head {remembered} is not in the chain.")
        this = _epoch(using)
        for epoch in sorted({each.epoch for each in seals} | {this}):
            of_epoch = sorted((each for each in seals if each.epoch == epoch), key=attrgetter("first"))
            _verify_epoch(using, epoch, of_epoch, report)
        report.findings += _strays(using, {this, *(each.epoch for each in seals)})
    return report


def link(previous: str, each: Seal) -> str:
    """The chain up to and with `each`: SHA-256 in hex of the chain before and all the seal says."""
    at = each.sealed_at.astimezone(UTC).isoformat(timespec="microseconds")
    said = [previous, each.epoch, each.first, each.until, each.rows, each.digest, at]
    return hashlib.sha256("\n".join(map(str, said)).encode()).hexdigest()


class Digest:
    """SHA-256 of rows as they come, and their number."""

    def __init__(self) -> None:
        self.rows, self.sum = 0, hashlib.sha256()

    def add(self, table: str, texts: Iterable[str]) -> None:
        """Take in rows of a table; jsonb writes no line break, so the frame is unambiguous."""
        for text in texts:
            self.rows += 1
            self.sum.update(f"{table}\n{text}\n".encode())


class Rows:
    """The rows of one table in a window, by transaction and key, read in pieces and only forwards."""

    def __init__(self, using: str, table: str, window: Window) -> None:
        self._rows = _read(using, table, window)
        self._next = next(self._rows, None)

    def before(self, until: int) -> Iterator[str]:
        """Every row not yet taken whose transaction is below `until`."""
        while self._next is not None and self._next[0] < until:
            yield self._next[1]
            self._next = next(self._rows, None)


def _read(using: str, table: str, window: Window) -> Iterator[tuple[int, str]]:
    with connections[using].chunked_cursor() as cursor:
        query = ROWS.format(table=table, key=tables()[table])
        cursor.execute(query, [window.epoch, window.first, window.until])
        yield from cursor


def _table(model: type[Model]) -> str:
    return str(model._meta.db_table)


def _ask(using: str, query: str, *values: Any) -> Any:
    with connections[using].cursor() as cursor:
        cursor.execute(query, values or None)
        return cursor.fetchone()[0]


def _epoch(using: str) -> int:
    return int(_ask(using, "SELECT steady_epoch()"))


def _horizon(using: str) -> int:
    """The lowest transaction that still runs, in any database of the server, else the next to come."""
    return int(_ask(using, "SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint"))


def _closed(using: str) -> list[Window]:
    """What can still be sealed: of this epoch up to the horizon, of earlier ones all that is left."""
    this, horizon = _epoch(using), _horizon(using)
    sealed = Seal.objects.using(using).values_list("epoch").annotate(Max("until"))
    until = {this: 0, **dict(sealed)}
    ends = {epoch: horizon if epoch == this else _last(using, epoch, first) for epoch, first in until.items()}
    windows = [Window(epoch, first, ends[epoch]) for epoch, first in until.items()]
    return sorted((each for each in windows if each.first < each.until), key=attrgetter("epoch"))


def _last(using: str, epoch: int, first: int) -> int:
    """The number after the last transaction of an epoch; `first` when it left nothing after that."""
    question = "SELECT coalesce(max(xid) + 1, 0) FROM {} WHERE epoch = %s AND xid >= %s"
    ends: list[int] = [_ask(using, question.format(table), epoch, first) for table in tables()]
    return max(first, *ends)


def _sealed(using: str, window: Window) -> Seal | None:
    """Write the seal of a window; none when it holds no row, and the next one begins where it did."""
    digest = Digest()
    _ask(using, "SELECT set_config('TimeZone', 'UTC', true)")
    for table in tables():
        digest.add(table, Rows(using, table, window).before(window.until))
    if not digest.rows:
        return None
    before = head(using)
    each = Seal(epoch=window.epoch, first=window.first, until=window.until, sealed_at=timezone.now())
    each.rows, each.digest = digest.rows, digest.sum.hexdigest()
    each.chain = link(before.chain if before else "", each)
    each.save(using=using, force_insert=True)
    return each


def _faults_of_chain(seals: list[Seal]) -> Iterator[str]:
    """Seals in the order in which they were written: is each chained to the one before?"""
    previous, until = "", dict.fromkeys((each.epoch for each in seals), 0)
    for each in seals:
        if each.chain != link(previous, each):
            yield f"Seal {each.pk} does not follow from the one before: it, or one before it, was changed."
        if each.first != until[each.epoch]:
            yield f"Between transactions {until[each.epoch]} and {each.first} a seal is missing."
        previous, until[each.epoch] = each.chain, each.until


def _verify_epoch(using: str, epoch: int, seals: list[Seal], report: Report) -> None:
    """Compare every window of an epoch with its seal, and count what comes after the last."""
    _ask(using, "SELECT set_config('TimeZone', 'UTC', true)")
    rows = {table: Rows(using, table, Window(epoch, -END, END)) for table in tables()}
    for each in seals:
        stray = _digest(rows, each.first)
        if stray.rows:
            report.findings.append(f"{stray.rows} rows lie before transaction {each.first} in no seal.")
        found = _digest(rows, each.until)
        report.rows += found.rows
        if (found.rows, found.sum.hexdigest()) != (each.rows, each.digest):
            report.findings.append(_altered(each, found.rows))
    report.newer += _digest(rows, END).rows


def _digest(rows: dict[str, Rows], until: int) -> Digest:
    digest = Digest()
    for table, waiting in rows.items():
        digest.add(table, waiting.before(until))
    return digest


def _altered(each: Seal, found: int) -> str:
    where = f"Transactions {each.first} to {each.until}, sealed {each.sealed_at:%Y-%m-%d %H:%M} UTC"
    if found == each.rows:
        return f"{where}: of {found} rows at least one was changed."
    return f"{where}: {each.rows} rows were sealed and {found} are there."


def _strays(using: str, known: set[int]) -> Iterator[str]:
    """Rows that say they come from a server on which nothing was ever sealed."""
    question = "SELECT count(*) FROM {} WHERE NOT epoch = ANY (%s)"
    for table in tables():
        if number := _ask(using, question.format(table), sorted(known)):
            yield f"{number} rows of {table} come from a server that sealed nothing."
