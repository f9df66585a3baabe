from django.db import migrations


class Migration(migrations.Migration):
    """The question of four eyes, asked in one place."""

    dependencies = [
        ("conditions", "0021_kept_pages"),
    ]

    operations = [
        migrations.RunSQL(
            """
            DROP TRIGGER IF EXISTS own_words ON conditions_approval;
            DROP FUNCTION IF EXISTS check_own_words();

            -- A verdict is the signed reviewer's own, on this very content, in a state that it fits; whoever
            -- wrote or submitted what is in the release neither approves nor re-affirms it, and two
            -- people sign a withdrawal. What was written counts since the release that readers saw last:
            -- the words of a withdrawn one are new again.
            CREATE OR REPLACE FUNCTION check_approval() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
                SET search_path = pg_catalog, pg_temp AS $body$
            DECLARE
                this public.conditions_release;
                since timestamptz;
            BEGIN
                SELECT * INTO this FROM public.conditions_release WHERE id = NEW.release_id;
                SELECT coalesce(max(submitted_at), '-infinity') INTO since FROM public.conditions_release
                    WHERE condition_id = this.condition_id AND state = 'published'
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
