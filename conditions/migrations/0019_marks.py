from django.db import migrations, models

from portal.database.operations import grant

TELLING = ("conditions_release", "conditions_approval", "conditions_translationrelease")


class Migration(migrations.Migration):
    """One value a condition that changes with all that `release_standing` tells."""

    dependencies = [
        ("conditions", "0018_decided_has_come"),
    ]

    operations = [
        migrations.CreateModel(
            name="Mark",
            fields=[
                ("slug", models.SlugField(max_length=80, primary_key=True, serialize=False)),
                ("value", models.UUIDField()),
            ],
        ),
        grant("SELECT", "conditions_mark"),
        grant("SELECT, INSERT, UPDATE, DELETE", "conditions_mark", to="steady_policy"),
        grant("SELECT", "conditions_condition", to="steady_policy"),
        migrations.RunSQL(
            """
            CREATE FUNCTION mark_condition() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
                SET search_path = pg_catalog, pg_temp AS $body$
            DECLARE about bigint;
            BEGIN
                IF TG_OP = 'DELETE' THEN  -- by the owner alone
                    UPDATE public.conditions_mark SET value = gen_random_uuid();
                    RETURN NULL;
                ELSIF TG_TABLE_NAME = 'conditions_approval' THEN
                    SELECT condition_id INTO about FROM public.conditions_release WHERE id = NEW.release_id;
                ELSE
                    about := NEW.condition_id;
                END IF;
                INSERT INTO public.conditions_mark (slug, value)
                    SELECT slug, gen_random_uuid() FROM public.conditions_condition WHERE id = about
                    ON CONFLICT (slug) DO UPDATE SET value = excluded.value;
                RETURN NULL;
            END $body$;

            -- What was kept of a page under its old address must not answer there.
            CREATE FUNCTION move_mark() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
                SET search_path = pg_catalog, pg_temp AS $body$
            BEGIN
                DELETE FROM public.conditions_mark WHERE slug IN (OLD.slug, NEW.slug);
                IF TG_OP = 'UPDATE' THEN
                    INSERT INTO public.conditions_mark (slug, value) VALUES (NEW.slug, gen_random_uuid());
                END IF;
                RETURN NULL;
            END $body$;

            ALTER FUNCTION mark_condition() OWNER TO steady_policy;
            ALTER FUNCTION move_mark() OWNER TO steady_policy;
            REVOKE EXECUTE ON FUNCTION mark_condition(), move_mark() FROM PUBLIC;
            CREATE TRIGGER marked AFTER UPDATE OF slug OR DELETE ON conditions_condition
                FOR EACH ROW EXECUTE FUNCTION move_mark();
            INSERT INTO conditions_mark (slug, value) SELECT slug, gen_random_uuid() FROM conditions_condition;
            """
            + "".join(
                f"CREATE TRIGGER marked AFTER INSERT OR UPDATE OR DELETE ON {table}"
                " FOR EACH ROW EXECUTE FUNCTION mark_condition();\n"
                for table in TELLING
            ),
            "".join(f"DROP TRIGGER marked ON {table};" for table in (*TELLING, "conditions_condition"))
            + " DROP FUNCTION mark_condition(); DROP FUNCTION move_mark();",
        ),
    ]
