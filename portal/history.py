"""Row history of the tables that change, written by row triggers.

The diary needs none, being insert-only. Triggers see what the ORM does not: bulk writes and raw SQL.
"""

from collections.abc import Callable

import pghistory
from django.db import models
from django.db.models import Func
from pghistory.models import Event


def filled_by(function: str, *, null: bool = False) -> models.BigIntegerField[int, int]:
    """A number that the database fills in by asking `function`."""
    asked = Func(function=function, output_field=models.BigIntegerField())
    return models.BigIntegerField(db_default=asked, null=null, editable=False)


class Past(Event):
    """One state that a row had: `pgh_label` says by what act, `by` whose signed identity did it.

    `xid` is the transaction that wrote it and `epoch` the life of the server; see `portal.seals`.
    """

    by = filled_by("steady_user", null=True)
    xid = filled_by("steady_transaction")
    epoch = filled_by("steady_epoch")

    class Meta:
        abstract = True
        verbose_name_plural = "past"  # from which a row's `past` has its name


def kept(*, without: tuple[str, ...] = ()) -> Callable[[type[models.Model]], type[models.Model]]:
    """Keep every state of a model's rows but the fields `without`, insertion and deletion included."""
    decorate: Callable[[type[models.Model]], type[models.Model]] = pghistory.track(
        pghistory.InsertEvent(),
        pghistory.UpdateEvent(),
        pghistory.DeleteEvent(),
        base_model=Past,
        context_field=None,  # type: ignore[arg-type]  # which its documentation allows
        exclude=list(without) or None,
    )
    return decorate
