"""The columns of a sheet of statements or of sources, and how a row becomes a row of the draft.

Nothing is ever removed: what a sheet leaves out stays as it is, citations too.
"""

from collections import Counter
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import TextField
from import_export.fields import Field
from import_export.instance_loaders import BaseInstanceLoader
from import_export.resources import Diff, ModelResource

from conditions.cells import Citations, Day, Keyed, Whole, Words, YesNo, cited
from conditions.models import Citation, Condition, Source, Statement
from conditions.models.statement import HALF_DECIDED


class ByKey(BaseInstanceLoader):
    """Finds the draft's row with a key; all are read at once."""

    def get_instance(self, row: dict[str, str]) -> Any:
        """The row, or None for a new key."""
        return self.resource.rows.get(row["key"])


class Compared(Diff):
    """What a row changes, column by column, as texts; the page marks the words."""

    left: list[str]

    def as_html(self) -> list[tuple[str, str, str]]:
        """Column, before and after of each that differs; not HTML, in spite of the library's name."""
        columns = [field.column_name for field in self.fields]
        return [each for each in zip(columns, self.left, self.right, strict=True) if each[1] != each[2]]

    def __init__(self, resource: Any, instance: Any, new: bool) -> None:
        super().__init__(resource, instance, new)
        self.fields = resource.get_import_fields()
        self.left = [""] * len(self.fields) if new else self.left


class DraftResource(ModelResource):
    """What both sheets share."""

    def __init__(self, condition: Condition) -> None:
        super().__init__()
        self.condition = condition
        self.rows: dict[str, Any] = {}
        self.doubled: set[str] = set()
        for row in self.working():
            if self.rows.setdefault(row.key, row) is not row:
                self.doubled.add(row.key)

    def working(self) -> Any:
        """The draft's rows in the order shown."""
        raise NotImplementedError  # each sheet has its own; an ABC would clash with the library's metaclass

    def columns(self) -> list[str]:
        """The headings, in their order."""
        found: list[str] = self.get_export_headers()
        return found

    def cells(self) -> list[list[str]]:
        """The draft as rows of a sheet."""
        return [self.export_resource(row) for row in self.rows.values()]

    def get_diff_class(self) -> type[Diff]:
        """Ours, which is no HTML."""
        return Compared

    def before_import_row(self, row: dict[str, str], **named: Any) -> None:
        """Refuse a key that two rows of the draft have: nobody can say which is meant."""
        if row["key"] in self.doubled:
            raise ValidationError({"key": "Two rows of the draft have this key; give one another first."})

    def after_import(self, dataset: Any, result: Any, **named: Any) -> None:
        """Leave the sequences alone: no sheet brings a number of its own, and the web role may not."""

    def import_field(
        self, field: Field, instance: Any, row: dict[str, str], is_m2m: bool = False, **named: Any
    ) -> None:
        """Leave alone what says the same already, down to the ends of its lines."""
        same = instance.pk and row.get(field.column_name) == self.export_field(field, instance)
        if not same:
            super().import_field(field, instance, row, is_m2m, **named)

    def validate_instance(self, instance: Any, import_validation_errors: Any = None, **named: Any) -> None:
        """As the admin's form does, which alone looks at the length of a text.

        Keys stand once by the way rows are found, and others' keys are the condition's own: no query asks.
        """
        errors = dict(import_validation_errors or {})
        fields = instance._meta.concrete_fields
        for field in fields:
            value = getattr(instance, field.attname)
            if isinstance(field, TextField) and field.max_length and len(value) > field.max_length:
                told = f"This has {len(value):,} characters; {field.max_length:,} is the most."
                errors[field.name] = ValidationError(told)
        try:
            instance.clean_fields(exclude={*errors, *(each.name for each in fields if each.is_relation)})
        except ValidationError as error:
            errors = error.update_error_dict(errors)
        if errors:
            raise ValidationError(errors)

    class Meta:
        abstract = True
        import_id_fields = ("key",)
        instance_loader_class = ByKey
        skip_unchanged = report_skipped = use_transactions = True


def words(attribute: str) -> Field:
    """A column of text, called as the field is."""
    return Field(attribute, attribute, Words())


class StatementResource(DraftResource):
    """Statements with their citations, which stand in one cell, a line each."""

    key = words("key")
    section = Field("section", "section", Keyed("section"))
    position = Field("position", "position", Whole(), saves_null_values=False)
    population = words("population")
    question = words("question")
    text = words("text")
    professional = words("professional")
    dissent = words("dissent")
    decision = words("decision")
    decided_by = words("decided_by")
    decided_on = Field("decided_on", "decided_on", Day())
    citations = Citations("cited", "citations")

    def __init__(self, condition: Condition) -> None:
        self.sections = {each.key: each for each in condition.sections.all()}
        self.sources = {each.key: each for each in condition.sources.all()}
        self.stored: dict[tuple[int, str], Citation] = {}
        self.last: Counter[int] = Counter()  # the highest position of each section
        super().__init__(condition)
        self.fields["section"].widget.rows = self.sections
        self.fields["citations"].sources = self.sources

    def working(self) -> list[Statement]:
        """Statements, each with its citations as `cited`."""
        rows = Statement.objects.filter(section__condition=self.condition).select_related("section")
        found: list[Any] = list(rows.order_by("section__position", "section__key", "position", "key"))
        whole = {row.pk: row for row in found}
        for row in found:
            row.cited = {}
            self.last[row.section_id] = max(self.last[row.section_id], row.position)
        for each in Citation.objects.filter(statement__in=whole).select_related("source"):
            self.stored[each.statement_id, each.source.key] = each
            whole[each.statement_id].cited[each.source.key] = cited(each)
        return found

    def init_instance(self, row: Any = None) -> Any:
        """A new statement, which nothing bears out yet."""
        made: Any = Statement()
        made.cited = {}
        return made

    def import_instance(self, instance: Any, row: dict[str, str], **named: Any) -> None:
        """A new statement without a position goes last."""
        super().import_instance(instance, row, **named)
        if not instance.pk and not row.get("position") and instance.section_id:
            self.last[instance.section_id] += 1
            instance.position = self.last[instance.section_id]

    def validate_instance(self, instance: Any, import_validation_errors: Any = None, **named: Any) -> None:
        """Refuse a new statement in no section, or that nothing bears out, and half a decision."""
        errors = dict(import_validation_errors or {})
        decided = [bool(part) for part in (instance.decision, instance.decided_by, instance.decided_on)]
        if any(decided) and not all(decided) and "decided_on" not in errors:
            errors["decision"] = ValidationError(HALF_DECIDED)
        if not instance.section_id and "section" not in errors:
            errors["section"] = ValidationError("Name the section by its key.")
        if not instance.pk and not instance.cited and "cited" not in errors:
            errors["cited"] = ValidationError("Every statement needs a source. Name its key.")
        super().validate_instance(instance, errors, **named)

    def after_save_instance(self, instance: Any, row: Any, **named: Any) -> None:
        """Write the citations that are new or differ."""
        for key, line in instance.cited.items():
            citation = self.stored.get((instance.pk, key))
            if citation is None:
                citation = Citation(statement=instance, source=self.sources[key])
            elif cited(citation) == line:
                continue
            citation.stance, citation.locator = line.stance, line.locator
            citation.checked, citation.checked_on = line.checked, line.checked_on
            try:
                citation.clean_fields(exclude={"statement", "source"})
            except ValidationError as error:
                raise ValidationError({"cited": error.messages}) from error
            citation.save()

    class Meta(DraftResource.Meta):
        abstract = False
        model = Statement
        fields = export_order = import_order = (
            *("key", "section", "position", "population", "question"),
            *("text", "professional", "dissent", "decision", "decided_by", "decided_on", "citations"),
        )


class SourceResource(DraftResource):
    """Works that statements rest on."""

    key = words("key")
    kind = words("kind")
    title = words("title")
    authors = words("authors")
    year = Field("year", "year", Whole())
    published_in = words("published_in")
    doi = words("doi")
    pmid = words("pmid")
    url = words("url")
    read = words("read")
    checked = Field("checked", "checked", YesNo())
    note = words("note")

    def working(self) -> Any:
        """Sources by key."""
        return self.condition.sources.all()

    def init_instance(self, row: Any = None) -> Source:
        """A new source of the condition, which nobody has checked unless the sheet says so."""
        return Source(condition=self.condition, checked=False)

    class Meta(DraftResource.Meta):
        abstract = False
        model = Source
        fields = export_order = import_order = (
            *("key", "kind", "title", "authors", "year", "published_in"),
            *("doi", "pmid", "url", "read", "checked", "note"),
        )


KINDS: dict[str, type[DraftResource]] = {"statements": StatementResource, "sources": SourceResource}
