import django.utils.timezone
from django.db import migrations, models

from portal.database.operations import grant


class Migration(migrations.Migration):
    """Pages that are made once for all processes."""

    dependencies = [
        ("conditions", "0020_who_edited_what"),
    ]

    operations = [
        migrations.CreateModel(
            name="KeptPage",
            fields=[
                ("key", models.CharField(max_length=64, primary_key=True, serialize=False)),
                ("packed", models.BinaryField(help_text="The body, compressed.")),
                ("seal", models.BinaryField()),
                ("made_at", models.DateTimeField(default=django.utils.timezone.now)),
            ],
        ),
        grant("SELECT, INSERT, UPDATE, DELETE", "conditions_keptpage"),
    ]
