"""Blood pressure in the diary, and a patient's own limit of it among the marks."""

import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models

from portal.database.operations import unswitchable


class Migration(migrations.Migration):
    dependencies = [
        ("tracker", "0009_flag_jobs"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        pgtrigger.migrations.RemoveTrigger(
            model_name="mark",
            name="insert_insert",
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name="mark",
            name="update_update",
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name="mark",
            name="delete_delete",
        ),
        migrations.RemoveConstraint(
            model_name="mark",
            name="mark_known",
        ),
        migrations.RemoveConstraint(
            model_name="measurement",
            name="measurement_in_range",
        ),
        migrations.AddField(
            model_name="mark",
            name="diastolic",
            field=models.PositiveSmallIntegerField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="mark",
            name="systolic",
            field=models.PositiveSmallIntegerField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="markpast",
            name="diastolic",
            field=models.PositiveSmallIntegerField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="markpast",
            name="systolic",
            field=models.PositiveSmallIntegerField(blank=True, null=True),
        ),
        migrations.AlterField(
            model_name="mark",
            name="name",
            field=models.CharField(
                choices=[
                    ("immunosuppressed", "Immunosuppressed"),
                    ("steroid_exposed", "Steroid-exposed"),
                    ("pressure_limit", "Blood pressure limit"),
                ],
                max_length=20,
            ),
        ),
        migrations.AlterField(
            model_name="markpast",
            name="name",
            field=models.CharField(
                choices=[
                    ("immunosuppressed", "Immunosuppressed"),
                    ("steroid_exposed", "Steroid-exposed"),
                    ("pressure_limit", "Blood pressure limit"),
                ],
                max_length=20,
            ),
        ),
        migrations.AlterField(
            model_name="measurement",
            name="kind",
            field=models.CharField(
                choices=[
                    ("sleep_hours", "Sleep"),
                    ("wakings", "Times awake"),
                    ("temperature_c", "Temperature"),
                    ("falls", "Falls"),
                    ("systolic_mmhg", "Blood pressure, upper"),
                    ("diastolic_mmhg", "Blood pressure, lower"),
                ],
                max_length=20,
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="mark",
            trigger=pgtrigger.compiler.Trigger(
                name="insert_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "tracker_markpast" ("diastolic", "ends_on", "id", "name", "patient_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "set_at", "set_by_id", "starts_on", "systolic") VALUES (NEW."diastolic", NEW."ends_on", NEW."id", NEW."name", NEW."patient_id", NOW(), \'insert\', NEW."id", NEW."set_at", NEW."set_by_id", NEW."starts_on", NEW."systolic"); RETURN NULL;',
                    hash="5a91b604edbe61e1bed26d7a004071edcb3cd8ed",
                    operation="INSERT",
                    pgid="pgtrigger_insert_insert_1fb2f",
                    table="tracker_mark",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="mark",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN (OLD.* IS DISTINCT FROM NEW.*)",
                    func='INSERT INTO "tracker_markpast" ("diastolic", "ends_on", "id", "name", "patient_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "set_at", "set_by_id", "starts_on", "systolic") VALUES (NEW."diastolic", NEW."ends_on", NEW."id", NEW."name", NEW."patient_id", NOW(), \'update\', NEW."id", NEW."set_at", NEW."set_by_id", NEW."starts_on", NEW."systolic"); RETURN NULL;',
                    hash="35ae864598708a31ae841a162bf091a60124a376",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_2e209",
                    table="tracker_mark",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="mark",
            trigger=pgtrigger.compiler.Trigger(
                name="delete_delete",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "tracker_markpast" ("diastolic", "ends_on", "id", "name", "patient_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "set_at", "set_by_id", "starts_on", "systolic") VALUES (OLD."diastolic", OLD."ends_on", OLD."id", OLD."name", OLD."patient_id", NOW(), \'delete\', OLD."id", OLD."set_at", OLD."set_by_id", OLD."starts_on", OLD."systolic"); RETURN NULL;',
                    hash="c6ca22f51a02b474578918270cd8119bd0a08fc7",
                    operation="DELETE",
                    pgid="pgtrigger_delete_delete_db87e",
                    table="tracker_mark",
                    when="AFTER",
                ),
            ),
        ),
        migrations.AddConstraint(
            model_name="mark",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("diastolic", None),
                        ("name__in", ["immunosuppressed", "steroid_exposed"]),
                        ("systolic", None),
                    ),
                    models.Q(
                        ("diastolic__isnull", False),
                        ("diastolic__lt", models.F("systolic")),
                        ("diastolic__range", (20, 200)),
                        ("name", "pressure_limit"),
                        ("systolic__isnull", False),
                        ("systolic__range", (40, 260)),
                    ),
                    _connector="OR",
                ),
                name="mark_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="measurement",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("kind", "sleep_hours"), ("unit", "h"), ("value__range", (0, 24))),
                    models.Q(("kind", "temperature_c"), ("unit", "Cel"), ("value__range", (30, 45))),
                    models.Q(
                        ("kind__in", ["wakings", "falls"]), ("unit", "{count}"), ("value__range", (0, 99))
                    ),
                    models.Q(("kind", "systolic_mmhg"), ("unit", "mm[Hg]"), ("value__range", (40, 260))),
                    models.Q(("kind", "diastolic_mmhg"), ("unit", "mm[Hg]"), ("value__range", (20, 200))),
                    _connector="OR",
                ),
                name="measurement_in_range",
            ),
        ),
        unswitchable(),
    ]
