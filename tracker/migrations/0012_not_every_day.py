"""A dose that is not given every day says on which days it is."""

import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models

from portal.database.operations import unswitchable


class Migration(migrations.Migration):
    dependencies = [
        ("tracker", "0011_shut_side_doors"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        pgtrigger.migrations.RemoveTrigger(
            model_name="treatment",
            name="insert_insert",
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name="treatment",
            name="update_update",
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name="treatment",
            name="delete_delete",
        ),
        migrations.AddField(
            model_name="treatment",
            name="every_days",
            field=models.PositiveSmallIntegerField(
                default=1, help_text="1 is daily, 2 every other day, 7 once a week."
            ),
        ),
        migrations.AddField(
            model_name="treatmentpast",
            name="every_days",
            field=models.PositiveSmallIntegerField(
                default=1, help_text="1 is daily, 2 every other day, 7 once a week."
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="treatment",
            trigger=pgtrigger.compiler.Trigger(
                name="insert_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "tracker_treatmentpast" ("agent", "amount", "doses_per_day", "ends_on", "every_days", "form", "id", "note", "patient_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "recorded_at", "recorded_by_id", "replaces_id", "starts_on", "unit") VALUES (NEW."agent", NEW."amount", NEW."doses_per_day", NEW."ends_on", NEW."every_days", NEW."form", NEW."id", NEW."note", NEW."patient_id", NOW(), \'insert\', NEW."id", NEW."recorded_at", NEW."recorded_by_id", NEW."replaces_id", NEW."starts_on", NEW."unit"); RETURN NULL;',
                    hash="351c1b566c85853f94858775287480ec39bd4d5c",
                    operation="INSERT",
                    pgid="pgtrigger_insert_insert_1750e",
                    table="tracker_treatment",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="treatment",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN (OLD.* IS DISTINCT FROM NEW.*)",
                    func='INSERT INTO "tracker_treatmentpast" ("agent", "amount", "doses_per_day", "ends_on", "every_days", "form", "id", "note", "patient_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "recorded_at", "recorded_by_id", "replaces_id", "starts_on", "unit") VALUES (NEW."agent", NEW."amount", NEW."doses_per_day", NEW."ends_on", NEW."every_days", NEW."form", NEW."id", NEW."note", NEW."patient_id", NOW(), \'update\', NEW."id", NEW."recorded_at", NEW."recorded_by_id", NEW."replaces_id", NEW."starts_on", NEW."unit"); RETURN NULL;',
                    hash="ecd7ea1a45fec33004e25c9aca9b2e531e7874c4",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_42f81",
                    table="tracker_treatment",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="treatment",
            trigger=pgtrigger.compiler.Trigger(
                name="delete_delete",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "tracker_treatmentpast" ("agent", "amount", "doses_per_day", "ends_on", "every_days", "form", "id", "note", "patient_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "recorded_at", "recorded_by_id", "replaces_id", "starts_on", "unit") VALUES (OLD."agent", OLD."amount", OLD."doses_per_day", OLD."ends_on", OLD."every_days", OLD."form", OLD."id", OLD."note", OLD."patient_id", NOW(), \'delete\', OLD."id", OLD."recorded_at", OLD."recorded_by_id", OLD."replaces_id", OLD."starts_on", OLD."unit"); RETURN NULL;',
                    hash="68632946f5c9bea1e5a4c7b9e08a62d93ff0c2e5",
                    operation="DELETE",
                    pgid="pgtrigger_delete_delete_127f7",
                    table="tracker_treatment",
                    when="AFTER",
                ),
            ),
        ),
        migrations.AddConstraint(
            model_name="treatment",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("every_days", 1),
                    models.Q(("every_days__range", (2, 90)), ("form__in", ["daily", "taper"])),
                    _connector="OR",
                ),
                name="treatment_every_days",
            ),
        ),
        unswitchable(),
    ]
