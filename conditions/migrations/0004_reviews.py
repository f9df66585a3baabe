"""Interests, re-affirmations and signed withdrawals; each verdict fits the state of its release."""

import django.core.validators
from django.conf import settings
from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = [
        ("portal", "0003_history"),
        ("conditions", "0003_content"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveConstraint(model_name="approval", name="approval_once_a_verdict"),
        migrations.RemoveConstraint(model_name="approval", name="approval_returned_with_reason"),
        migrations.AddField(
            model_name="approval",
            name="interests",
            field=models.TextField(
                blank=True,
                help_text="As the reviewer declared them, for readers.",
                max_length=600,
                validators=[django.core.validators.ProhibitNullCharactersValidator()],
            ),
        ),
        migrations.AlterField(
            model_name="approval",
            name="verdict",
            field=models.CharField(
                choices=[
                    ("approved", "Approved"),
                    ("returned", "Returned"),
                    ("withdrawn", "Withdrawn"),
                    ("confirmed", "Withdrawal signed"),
                    ("reaffirmed", "Re-affirmed unchanged"),
                ],
                max_length=10,
            ),
        ),
        migrations.RunSQL(
            "UPDATE conditions_approval SET interests = 'Nobody was asked at the time.'"
            " WHERE verdict = 'approved';",
            migrations.RunSQL.noop,
        ),
        migrations.AddConstraint(
            model_name="approval",
            constraint=models.UniqueConstraint(
                fields=["release", "reviewer", "verdict"],
                condition=~Q(verdict="reaffirmed"),
                name="approval_once_a_verdict",
            ),
        ),
        migrations.AddConstraint(
            model_name="approval",
            constraint=models.CheckConstraint(
                condition=~Q(verdict__in=["returned", "withdrawn"]) | ~Q(note=""),
                name="approval_returned_with_reason",
            ),
        ),
        migrations.AddConstraint(
            model_name="approval",
            constraint=models.CheckConstraint(
                condition=~Q(verdict__in=["approved", "reaffirmed"]) | ~Q(interests=""),
                name="approval_with_interests",
            ),
        ),
        migrations.RunSQL(
            """
            -- A verdict is the signed reviewer's own, on this very content, in a state that it fits; whoever
            -- wrote or submitted what is in the release neither approves nor re-affirms it, and two
            -- people sign a withdrawal.
            CREATE OR REPLACE FUNCTION check_approval() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
                SET search_path = pg_catalog, pg_temp AS $body$
            DECLARE
                this public.conditions_release;
                since timestamptz;
            BEGIN
                SELECT * INTO this FROM public.conditions_release WHERE id = NEW.release_id;
                SELECT coalesce(max(submitted_at), '-infinity') INTO since FROM public.conditions_release
                    WHERE condition_id = this.condition_id AND state IN ('published', 'withdrawn')
                    AND (this.number IS NULL OR number < this.number);
                -- When the next review is due counts from here: an earlier time binds more.
                NEW.at := least(NEW.at, clock_timestamp());
                IF NEW.reviewer_id IS DISTINCT FROM public.steady_user() OR NOT public.i_am('reviewer') THEN
                    RAISE EXCEPTION 'a reviewer approves for themselves only'
                        USING ERRCODE = 'insufficient_privilege', CONSTRAINT = 'approval_by_reviewer';
                END IF;
                IF NEW.digest IS DISTINCT FROM this.digest THEN
                    RAISE EXCEPTION 'an approval is bound to the content that was read'
                        USING ERRCODE = 'check_violation', CONSTRAINT = 'approval_of_this_content';
                END IF;
                IF NEW.verdict IN ('approved', 'reaffirmed') AND (this.submitted_by_id = NEW.reviewer_id
                    OR EXISTS (SELECT FROM public.conditions_edit e
                        WHERE e.condition_id = this.condition_id AND e.editor_id = NEW.reviewer_id
                        AND e.at > since AND (NEW.verdict = 'approved' OR e.at <= (
                            SELECT max(a.at) FROM public.conditions_approval a
                            WHERE a.release_id = this.id AND a.verdict = 'approved')))) THEN
                    RAISE EXCEPTION 'nobody approves what they edited'
                        USING ERRCODE = 'insufficient_privilege', CONSTRAINT = 'approval_four_eyes';
                END IF;
                IF NOT (CASE NEW.verdict
                    WHEN 'approved' THEN this.state = 'submitted'
                    WHEN 'returned' THEN this.state IN ('submitted', 'approved')
                    WHEN 'withdrawn' THEN this.state = 'published'
                    WHEN 'confirmed' THEN this.state = 'withdrawn'
                    WHEN 'reaffirmed' THEN this.state = 'published' AND this.clinically_approved
                    ELSE false END) THEN
                    RAISE EXCEPTION 'this verdict does not fit a release that is %', this.state
                        USING ERRCODE = 'check_violation', CONSTRAINT = 'approval_state';
                END IF;
                IF NEW.verdict = 'confirmed' AND EXISTS (SELECT FROM public.conditions_approval a
                    WHERE a.release_id = this.id AND a.verdict = 'withdrawn'
                    AND a.reviewer_id = NEW.reviewer_id) THEN
                    RAISE EXCEPTION 'two people sign a withdrawal' USING
                        ERRCODE = 'insufficient_privilege', CONSTRAINT = 'withdrawal_second_reviewer';
                END IF;
                RETURN NEW;
            END $body$;
            """,
            migrations.RunSQL.noop,
        ),
    ]
