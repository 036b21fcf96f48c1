"""A launch whose answer was lost is not repeated: its key is known."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("webapp", "0017_forks_made")]
    operations = [
        migrations.AddField("search", "launch_key", models.CharField(max_length=40, null=True)),
        migrations.AddConstraint(
            "search",
            models.UniqueConstraint(fields=("created_by", "launch_key"), name="search_launched_once"),
        ),
    ]
