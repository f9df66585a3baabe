from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    """A condition's content that nobody keeps up any more: a verdict on its newest published release."""

    dependencies = [
        ("conditions", "0014_decisions"),
    ]

    operations = [
        migrations.RemoveConstraint(model_name="approval", name="approval_returned_with_reason"),
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
                    ("archived", "Archived: no longer kept up"),
                ],
                max_length=10,
            ),
        ),
        migrations.AddConstraint(
            model_name="approval",
            constraint=models.CheckConstraint(
                condition=~Q(verdict__in=["returned", "withdrawn", "archived"]) | ~Q(note=""),
                name="approval_returned_with_reason",
            ),
        ),
        migrations.RunSQL(
            """
            -- Until a later release is published; a withdrawal of the newest one brings nothing back.
            CREATE FUNCTION is_archived(about bigint) RETURNS boolean LANGUAGE sql STABLE AS $body$
                SELECT EXISTS (SELECT FROM public.conditions_approval a
                    JOIN public.conditions_release w ON w.id = a.release_id
                    WHERE w.condition_id = about AND a.verdict = 'archived' AND w.number >= (
                        SELECT max(e.number) FROM public.conditions_release e
                        WHERE e.condition_id = about AND e.state = 'published'))
            $body$;

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
                    WHEN 'archived' THEN this.state = 'published'
                    ELSE false END) THEN
                    RAISE EXCEPTION 'this verdict does not fit a release that is %', this.state
                        USING ERRCODE = 'check_violation', CONSTRAINT = 'approval_state';
                END IF;
                IF NEW.verdict IN ('archived', 'reaffirmed') AND public.is_archived(this.condition_id) THEN
                    RAISE EXCEPTION 'this condition is archived'
                        USING ERRCODE = 'check_violation', CONSTRAINT = 'approval_archived';
                END IF;
                IF NEW.verdict = 'archived' AND EXISTS (SELECT FROM public.conditions_release r
                    WHERE r.condition_id = this.condition_id AND r.state = 'published'
                    AND r.number > this.number) THEN
                    RAISE EXCEPTION 'readers see a newer release'
                        USING ERRCODE = 'check_violation', CONSTRAINT = 'approval_newest';
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
