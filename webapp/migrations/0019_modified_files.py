"""When the file of an upload was modified, so that an interrupted upload goes on with the same file."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("webapp", "0018_launch_keys")]
    operations = [
        migrations.AddField("upload", "modified", models.BigIntegerField(null=True)),
    ]
