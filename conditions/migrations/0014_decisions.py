import django.core.validators
import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models

from portal.database.operations import unswitchable


class Migration(migrations.Migration):
    """Why a statement says what it says although sources differ, who decided so, and when."""

    dependencies = [
        ("conditions", "0013_translation_rules"),
    ]

    operations = [
        pgtrigger.migrations.RemoveTrigger(
            model_name="statement",
            name="insert_insert",
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name="statement",
            name="update_update",
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name="statement",
            name="delete_delete",
        ),
        migrations.AddField(
            model_name="statement",
            name="decided_by",
            field=models.CharField(
                blank=True,
                help_text="A person with their post, or a group; readers see it.",
                max_length=120,
                validators=[django.core.validators.ProhibitNullCharactersValidator()],
                verbose_name="who decided",
            ),
        ),
        migrations.AddField(
            model_name="statement",
            name="decided_on",
            field=models.DateField(blank=True, null=True, verbose_name="decided on"),
        ),
        migrations.AddField(
            model_name="statement",
            name="decision",
            field=models.CharField(
                blank=True,
                help_text="Where sources differ: the reason for what the text says; readers see it.",
                max_length=400,
                validators=[django.core.validators.ProhibitNullCharactersValidator()],
                verbose_name="why it was decided so",
            ),
        ),
        migrations.AddField(
            model_name="statementpast",
            name="decided_by",
            field=models.CharField(
                blank=True,
                help_text="A person with their post, or a group; readers see it.",
                max_length=120,
                validators=[django.core.validators.ProhibitNullCharactersValidator()],
                verbose_name="who decided",
            ),
        ),
        migrations.AddField(
            model_name="statementpast",
            name="decided_on",
            field=models.DateField(blank=True, null=True, verbose_name="decided on"),
        ),
        migrations.AddField(
            model_name="statementpast",
            name="decision",
            field=models.CharField(
                blank=True,
                help_text="Where sources differ: the reason for what the text says; readers see it.",
                max_length=400,
                validators=[django.core.validators.ProhibitNullCharactersValidator()],
                verbose_name="why it was decided so",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="statement",
            trigger=pgtrigger.compiler.Trigger(
                name="insert_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "conditions_statementpast" ("decided_by", "decided_on", "decision", "dissent", "id", "key", "pgh_created_at", "pgh_label", "pgh_obj_id", "population", "position", "professional", "question", "section_id", "text") VALUES (NEW."decided_by", NEW."decided_on", NEW."decision", NEW."dissent", NEW."id", NEW."key", NOW(), \'insert\', NEW."id", NEW."population", NEW."position", NEW."professional", NEW."question", NEW."section_id", NEW."text"); RETURN NULL;',
                    hash="22ecba447856c2530459a0e608cabe8ae3bb15c0",
                    operation="INSERT",
                    pgid="pgtrigger_insert_insert_8d5b7",
                    table="conditions_statement",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="statement",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN (OLD.* IS DISTINCT FROM NEW.*)",
                    func='INSERT INTO "conditions_statementpast" ("decided_by", "decided_on", "decision", "dissent", "id", "key", "pgh_created_at", "pgh_label", "pgh_obj_id", "population", "position", "professional", "question", "section_id", "text") VALUES (NEW."decided_by", NEW."decided_on", NEW."decision", NEW."dissent", NEW."id", NEW."key", NOW(), \'update\', NEW."id", NEW."population", NEW."position", NEW."professional", NEW."question", NEW."section_id", NEW."text"); RETURN NULL;',
                    hash="2474499562d22cd5ca06f1966b8fc6874ebe5972",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_a5dc1",
                    table="conditions_statement",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="statement",
            trigger=pgtrigger.compiler.Trigger(
                name="delete_delete",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "conditions_statementpast" ("decided_by", "decided_on", "decision", "dissent", "id", "key", "pgh_created_at", "pgh_label", "pgh_obj_id", "population", "position", "professional", "question", "section_id", "text") VALUES (OLD."decided_by", OLD."decided_on", OLD."decision", OLD."dissent", OLD."id", OLD."key", NOW(), \'delete\', OLD."id", OLD."population", OLD."position", OLD."professional", OLD."question", OLD."section_id", OLD."text"); RETURN NULL;',
                    hash="76ff554a084118b9cf2a0d6fdc69f169eb77fc0d",
                    operation="DELETE",
                    pgid="pgtrigger_delete_delete_327b7",
                    table="conditions_statement",
                    when="AFTER",
                ),
            ),
        ),
        migrations.AddConstraint(
            model_name="statement",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("decided_by", ""), ("decided_on", None), ("decision", "")),
                    models.Q(
                        ("decided_by__regex", "\\S"),
                        ("decided_on__isnull", False),
                        ("decision__regex", "\\S"),
                    ),
                    _connector="OR",
                ),
                name="statement_decision_whole",
                violation_error_message="A decision needs its reason, who decided and the day: give all three, or none.",
            ),
        ),
        unswitchable(),
    ]
