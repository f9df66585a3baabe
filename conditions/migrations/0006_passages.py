import django.contrib.postgres.indexes
import django.contrib.postgres.search
import django.db.models.deletion
from django.db import migrations, models

from portal.database.operations import grant


class Migration(migrations.Migration):
    """What the search looks through, written by the database from what is published."""

    dependencies = [
        ("conditions", "0005_planned"),
    ]

    operations = [
        migrations.CreateModel(
            name="Passage",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("kind", models.CharField(max_length=20)),
                ("key", models.CharField(blank=True, max_length=80)),
                ("population", models.CharField(default="all", max_length=10)),
                ("text", models.TextField()),
                ("plain", models.TextField(blank=True)),
                ("words", django.contrib.postgres.search.SearchVectorField()),
                (
                    "release",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="passages",
                        to="conditions.release",
                    ),
                ),
            ],
            options={
                "indexes": [
                    django.contrib.postgres.indexes.GinIndex(
                        fields=["plain"], name="passage_plain", opclasses=["gin_trgm_ops"]
                    ),
                    django.contrib.postgres.indexes.GinIndex(fields=["words"], name="passage_words"),
                ],
            },
        ),
        grant("SELECT", "conditions_passage"),
        grant("SELECT, INSERT, DELETE", "conditions_passage", to="steady_policy"),
        migrations.RunSQL(
            r"""
            -- Without accents, case and punctuation, so that "Opsoclonus myoclonus" is "opsoclonus-myoclonus".
            CREATE FUNCTION plain_words(given text) RETURNS text LANGUAGE sql STABLE PARALLEL SAFE AS $body$
                SELECT btrim(regexp_replace(lower(public.unaccent('public.unaccent', given)),
                    '[^[:alnum:]]+', ' ', 'g'))
            $body$;

            -- Light Markdown as it reads: links keep their words, marks go.
            CREATE FUNCTION without_marks(given text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $body$
                SELECT btrim(regexp_replace(regexp_replace(regexp_replace(given,
                    '\[([^]]*)\]\([^)]*\)', '\1', 'g'), '^\s*[-*+]\s+|[*_]+', '', 'gn'), '\s+', ' ', 'g'))
            $body$;

            CREATE FUNCTION index_condition(about bigint) RETURNS void LANGUAGE plpgsql SECURITY DEFINER
                SET search_path = pg_catalog, pg_temp AS $body$
            DECLARE latest public.conditions_release;
            BEGIN
                DELETE FROM public.conditions_passage p USING public.conditions_release r
                    WHERE r.id = p.release_id AND r.condition_id = about;
                SELECT * INTO latest FROM public.conditions_release r
                    WHERE r.condition_id = about AND r.state = 'published' ORDER BY r.number DESC LIMIT 1;
                IF latest.id IS NULL THEN
                    RETURN;
                END IF;
                INSERT INTO public.conditions_passage (release_id, kind, key, population, text, plain, words)
                SELECT latest.id, kind, key, population, shown,
                    CASE WHEN kind NOT IN ('summary', 'statement') THEN public.plain_words(shown) ELSE '' END,
                    CASE WHEN kind IN ('summary', 'statement') THEN to_tsvector('pg_catalog.english',
                        public.unaccent('public.unaccent', shown)) ELSE '' END
                FROM (
                    SELECT 'name' AS kind, '' AS key, 'all' AS population,
                        latest.snapshot #>> '{condition,name}' AS shown
                    UNION ALL SELECT 'abbreviation', '', 'all', latest.snapshot #>> '{condition,short_name}'
                    UNION ALL SELECT 'summary', '', 'all',
                        public.without_marks(latest.snapshot #>> '{condition,summary}')
                    UNION ALL SELECT each ->> 'kind', '', 'all', each ->> 'text'
                        FROM jsonb_array_elements(latest.snapshot -> 'names') AS each
                    UNION ALL SELECT 'code', each ->> 'relation', 'all', (each ->> 'system') || ' '
                            || regexp_replace(each ->> 'code', '^' || (each ->> 'system') || '[: ]+', '', 'i')
                        FROM jsonb_array_elements(latest.snapshot -> 'codes') AS each
                        WHERE each ->> 'code' <> ''
                    UNION ALL SELECT 'bare code', each ->> 'relation', 'all',
                            regexp_replace(each ->> 'code', '^' || (each ->> 'system') || '[: ]+', '', 'i')
                        FROM jsonb_array_elements(latest.snapshot -> 'codes') AS each
                        WHERE each ->> 'code' <> ''
                    UNION ALL SELECT 'statement', told ->> 'key', told ->> 'population', public.without_marks(
                            concat_ws(' ', nullif(told ->> 'question', ''), told ->> 'text'))
                        FROM jsonb_array_elements(latest.snapshot -> 'sections') AS section,
                            jsonb_array_elements(section -> 'statements') AS told
                ) AS passages
                WHERE shown <> '';
            END $body$;

            CREATE FUNCTION index_release() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
                SET search_path = pg_catalog, pg_temp AS $body$
            BEGIN
                IF 'published' IN (OLD.state, NEW.state) THEN
                    PERFORM public.index_condition(NEW.condition_id);
                END IF;
                RETURN NULL;
            END $body$;

            SELECT count(index_condition(id)) FROM conditions_condition;
            ALTER FUNCTION index_condition(bigint) OWNER TO steady_policy;
            ALTER FUNCTION index_release() OWNER TO steady_policy;
            REVOKE EXECUTE ON FUNCTION index_condition(bigint), index_release() FROM PUBLIC;
            CREATE TRIGGER indexed AFTER UPDATE OF state ON conditions_release
                FOR EACH ROW EXECUTE FUNCTION index_release();
            """,
            "DROP TRIGGER indexed ON conditions_release; DROP FUNCTION index_release();"
            " DROP FUNCTION index_condition(bigint); DROP FUNCTION without_marks(text);"
            " DROP FUNCTION plain_words(text);",
        ),
    ]
