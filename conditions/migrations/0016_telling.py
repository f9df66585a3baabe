from django.db import migrations, models
from django.db.models import Q

JOB = "(SELECT steady_identity()) = 'job:tell' AND status = 'answered'"
TABLE = "conditions_feedback"


class Migration(migrations.Migration):
    """An answered question keeps its address until the answer is published, for the job that tells then."""

    dependencies = [
        ("conditions", "0015_archived"),
    ]

    operations = [
        migrations.RemoveConstraint(model_name="feedback", name="feedback_settled_by_somebody"),
        migrations.AddConstraint(
            model_name="feedback",
            constraint=models.CheckConstraint(
                condition=Q(status="open", settled_at=None)
                | Q(status="answered", settled_at__isnull=False, owner__isnull=False) & ~Q(draft="")
                | Q(status="closed", settled_at__isnull=False, owner__isnull=False, sealed_address=None)
                & ~Q(note=""),
                name="feedback_settled_by_somebody",
            ),
        ),
        # The job reads what was answered, and changes it in one way alone: it forgets the address.
        migrations.RunSQL(
            f"""
            CREATE POLICY {TABLE}_tell_read ON {TABLE} FOR SELECT TO steady_web, steady_worker USING ({JOB});
            CREATE POLICY {TABLE}_tell ON {TABLE} FOR UPDATE TO steady_web, steady_worker
                USING ({JOB} AND sealed_address IS NOT NULL) WITH CHECK ({JOB} AND sealed_address IS NULL);
            """,
            f"DROP POLICY {TABLE}_tell ON {TABLE}; DROP POLICY {TABLE}_tell_read ON {TABLE};",
        ),
    ]
