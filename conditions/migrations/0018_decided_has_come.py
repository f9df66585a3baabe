from django.db import migrations, models
from django.db.models.functions import Now, TruncDate

import conditions.models.statement


class Migration(migrations.Migration):
    """No decision is dated on a day that is still to come: what was right stays right as days pass."""

    dependencies = [
        ("conditions", "0017_standing_in_full"),
    ]

    operations = [
        migrations.AlterField(
            model_name="statement",
            name="decided_on",
            field=models.DateField(
                blank=True,
                null=True,
                validators=[conditions.models.statement.has_come],
                verbose_name="decided on",
            ),
        ),
        migrations.AlterField(
            model_name="statementpast",
            name="decided_on",
            field=models.DateField(
                blank=True,
                null=True,
                validators=[conditions.models.statement.has_come],
                verbose_name="decided on",
            ),
        ),
        migrations.AddConstraint(
            model_name="statement",
            constraint=models.CheckConstraint(
                condition=models.Q(("decided_on__lte", TruncDate(Now()))),
                name="statement_decided_on_has_come",
                violation_error_message="This day has not come yet.",
            ),
        ),
    ]
