from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("webapp", "0006_where_it_is_measured")]
    operations = [
        migrations.RenameField("round", "told_at", "closed_at"),
        migrations.RenameField("work", "lost", "lost_leases"),
        migrations.RenameField("search", "paused_because", "pause_reason"),
        migrations.RenameField("signinlink", "digest", "token_hash"),
        migrations.RenameField("artifactuse", "checked", "check_result"),
    ]
