"""Interests, re-affirmations and signed withdrawals; four eyes closed to what raw SQL could still do."""

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
                        AND e.at > since AND (NEW.verdict = 'approved' OR e.at <= this.submitted_at))) THEN
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

            -- A release is submitted by the signed editor as submitted, never changes but in its state, and
            -- is published by an editor or a reviewer with an approval of its very content, or
            -- unapproved where the database is marked as a demonstration.
            CREATE OR REPLACE FUNCTION check_release() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
                SET search_path = pg_catalog, pg_temp AS $body$
            DECLARE
                approved boolean;
                demonstration boolean := EXISTS (SELECT FROM public.portal_demomark);
            BEGIN
                IF TG_OP = 'INSERT' THEN
                    IF NEW.state <> 'submitted' OR NEW.clinically_approved OR NEW.number IS NOT NULL THEN
                        RAISE EXCEPTION 'a release starts as submitted'
                            USING ERRCODE = 'check_violation', CONSTRAINT = 'release_starts_submitted';
                    END IF;
                    IF public.steady_user() IS NOT NULL AND NOT (public.i_am('editor')
                        AND NEW.submitted_by_id IS NOT DISTINCT FROM public.steady_user()) THEN
                        RAISE EXCEPTION 'an editor submits for themselves only'
                            USING ERRCODE = 'insufficient_privilege', CONSTRAINT = 'release_by_submitter';
                    END IF;
                    -- Four eyes counts edits from here: an earlier time binds more, a later one is refused.
                    NEW.submitted_at := least(NEW.submitted_at, clock_timestamp());
                    RETURN NEW;
                END IF;
                IF (OLD.condition_id, OLD.snapshot, OLD.digest, OLD.reason, OLD.submitted_by_id,
                        OLD.submitted_at)
                    IS DISTINCT FROM (NEW.condition_id, NEW.snapshot, NEW.digest, NEW.reason,
                        NEW.submitted_by_id, NEW.submitted_at)
                    OR OLD.published_at IS NOT NULL AND NEW.published_at IS DISTINCT FROM OLD.published_at
                    OR OLD.number IS NOT NULL AND (NEW.number IS DISTINCT FROM OLD.number
                        OR NEW.clinically_approved <> OLD.clinically_approved) THEN
                    RAISE EXCEPTION 'a release never changes'
                        USING ERRCODE = 'insufficient_privilege', CONSTRAINT = 'release_frozen';
                END IF;
                approved := EXISTS (SELECT FROM public.conditions_approval a
                    WHERE a.release_id = NEW.id AND a.verdict = 'approved' AND a.digest = NEW.digest);
                IF NEW.clinically_approved AND NOT approved
                    OR NEW.state = 'approved' AND NOT approved
                    OR NEW.state = 'published' AND NOT (approved AND NEW.clinically_approved)
                        AND NOT demonstration
                    OR NEW.state = 'published' AND OLD.state <> 'published' AND NOT demonstration
                        AND NOT (public.i_am('editor') OR public.i_am('reviewer'))
                    OR OLD.state IN ('withdrawn', 'returned', 'superseded') AND NEW.state <> OLD.state
                    OR OLD.state = 'published' AND NEW.state NOT IN ('published', 'withdrawn')
                    OR OLD.state = 'approved' AND NEW.state = 'submitted'
                    OR NEW.state IN ('withdrawn', 'returned') AND NOT EXISTS (
                        SELECT FROM public.conditions_approval a
                        WHERE a.release_id = NEW.id AND a.verdict = NEW.state) THEN
                    RAISE EXCEPTION 'this release may not become %', NEW.state
                        USING ERRCODE = 'insufficient_privilege', CONSTRAINT = 'release_states';
                END IF;
                RETURN NEW;
            END $body$;
            """,
            migrations.RunSQL.noop,
        ),
    ]
