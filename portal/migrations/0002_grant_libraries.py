"""Let the serving roles use the tables of the libraries; see `portal.database.operations`."""

from django.db import migrations

from portal.database.operations import SERVING, grant_apps


class Migration(migrations.Migration):
    """After every library's newest migration; one that adds a table needs another of these."""

    dependencies = [
        ("portal", "0001_initial"),
        ("account", "0009_emailaddress_unique_primary_email"),
        ("admin", "0003_logentry_add_action_flag_choices"),
        ("auth", "0012_alter_user_first_name_max_length"),
        ("contenttypes", "0002_remove_content_type_name"),
        ("mfa", "0003_authenticator_type_uniq"),
        ("procrastinate", "0041_post_retry_failed_job"),
        ("sessions", "0001_initial"),
        ("usersessions", "0001_initial"),
    ]

    operations = [
        grant_apps(
            "account", "admin", "auth", "contenttypes", "mfa", "sessions", "usersessions", "procrastinate"
        ),
        # procrastinate numbers its rows from sequences of their own.
        migrations.RunSQL(
            f"GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO {SERVING};", migrations.RunSQL.noop
        ),
    ]
