from django.db import migrations, models
from django.db.models.functions import Now, TruncDate

import conditions.models.statement

DAY = {"blank": True, "null": True, "validators": [conditions.models.statement.has_come]}


class Migration(migrations.Migration):
    """Whoever takes a row out of a condition edited it, too; words that were withdrawn are still somebody's."""

    dependencies = [
        ("conditions", "0019_marks"),
    ]

    operations = [
        migrations.RunSQL(
            """
            -- The condition that a row of working content belongs to.
            CREATE FUNCTION condition_of(called text, touched jsonb) RETURNS bigint LANGUAGE sql STABLE
                SET search_path = pg_catalog, pg_temp AS $body$
                SELECT CASE called
                    WHEN 'conditions_condition' THEN (touched ->> 'id')::bigint
                    WHEN 'conditions_statement' THEN (SELECT s.condition_id FROM public.conditions_section s
                        WHERE s.id = (touched ->> 'section_id')::bigint)
                    WHEN 'conditions_citation' THEN (SELECT s.condition_id FROM public.conditions_statement t
                        JOIN public.conditions_section s ON s.id = t.section_id
                        WHERE t.id = (touched ->> 'statement_id')::bigint)
                    WHEN 'conditions_saying' THEN (SELECT m.condition_id FROM public.conditions_mustsay m
                        WHERE m.id = (touched ->> 'must_say_id')::bigint)
                    ELSE (touched ->> 'condition_id')::bigint END
            $body$;
            ALTER FUNCTION condition_of(text, jsonb) OWNER TO steady_policy;
            REVOKE EXECUTE ON FUNCTION condition_of(text, jsonb) FROM PUBLIC;

            -- A row that moves is an edit of where it was and of where it is.
            CREATE OR REPLACE FUNCTION note_edit() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
                SET search_path = pg_catalog, pg_temp AS $body$
            BEGIN
                INSERT INTO public.conditions_edit (condition_id, editor_id, "table", at)
                SELECT about, public.steady_user(), TG_TABLE_NAME, clock_timestamp()
                FROM (SELECT public.condition_of(TG_TABLE_NAME, to_jsonb(OLD)) AS about
                    UNION SELECT public.condition_of(TG_TABLE_NAME, to_jsonb(NEW))) AS places
                WHERE about IS NOT NULL;
                RETURN NULL;
            END $body$;

            -- Beside check_approval, which begins after the last release that was ever published: the reviewer
            -- compares with what readers see now, so that the words of a withdrawn release are new again.
            CREATE FUNCTION check_own_words() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
                SET search_path = pg_catalog, pg_temp AS $body$
            DECLARE
                this public.conditions_release;
                since timestamptz;
            BEGIN
                SELECT * INTO this FROM public.conditions_release WHERE id = NEW.release_id;
                SELECT coalesce(max(submitted_at), '-infinity') INTO since FROM public.conditions_release
                    WHERE condition_id = this.condition_id AND state = 'published'
                    AND (this.number IS NULL OR number < this.number);
                IF NEW.verdict IN ('approved', 'reaffirmed') AND EXISTS (SELECT FROM public.conditions_edit e
                    WHERE e.condition_id = this.condition_id AND e.editor_id = NEW.reviewer_id
                    AND e.at > since AND (NEW.verdict = 'approved' OR e.at <= (
                        SELECT max(a.at) FROM public.conditions_approval a
                        WHERE a.release_id = this.id AND a.verdict = 'approved'))) THEN
                    RAISE EXCEPTION 'nobody approves what they edited'
                        USING ERRCODE = 'insufficient_privilege', CONSTRAINT = 'approval_four_eyes';
                END IF;
                RETURN NEW;
            END $body$;
            ALTER FUNCTION check_own_words() OWNER TO steady_policy;
            REVOKE EXECUTE ON FUNCTION check_own_words() FROM PUBLIC;
            CREATE TRIGGER own_words BEFORE INSERT ON conditions_approval
                FOR EACH ROW EXECUTE FUNCTION check_own_words();

            -- Many releases published at once outrun the statistics: a loop over both tables took seconds.
            ALTER FUNCTION index_condition(bigint) SET enable_nestloop TO off;
            """,
            migrations.RunSQL.noop,
        ),
        *(
            migrations.AlterField(model, "checked_on", models.DateField(*called, **DAY))
            for model, called in (
                ("citation", ["compared on"]),
                ("citationpast", ["compared on"]),
                ("organisation", []),
                ("organisationpast", []),
            )
        ),
        *(
            migrations.AddConstraint(
                model,
                models.CheckConstraint(
                    condition=models.Q(checked_on__lte=TruncDate(Now())),
                    name=f"{model}_checked_on_has_come",
                    violation_error_message="This day has not come yet.",
                ),
            )
            for model in ("citation", "organisation")
        ),
    ]
