import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

OWN = "editor_id = (SELECT steady_user())"


class Migration(migrations.Migration):
    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
        ("conditions", "0008_standing"),
    ]

    operations = [
        migrations.CreateModel(
            name="UnsavedText",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("path", models.CharField(max_length=300)),
                ("sealed", models.BinaryField()),
                ("typed_at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "editor",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("editor", "path"), name="unsavedtext_one_a_page")
                ],
            },
        ),
        # Its editor alone sees, changes and drops it, whatever the application asks.
        migrations.RunSQL(
            "ALTER TABLE conditions_unsavedtext ENABLE ROW LEVEL SECURITY;"
            " ALTER TABLE conditions_unsavedtext FORCE ROW LEVEL SECURITY;"
            f" CREATE POLICY conditions_unsavedtext_own ON conditions_unsavedtext TO steady_web"
            f" USING ({OWN}) WITH CHECK ({OWN});"
            " GRANT SELECT, INSERT, UPDATE, DELETE ON conditions_unsavedtext TO steady_web;",
            migrations.RunSQL.noop,
        ),
    ]
