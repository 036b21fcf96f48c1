"""A version of each draft, so that two people do not overwrite each other, and who changed it last."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("webapp", "0014_team_sample")]
    operations = [
        migrations.AddField("searchdraft", "version", models.PositiveIntegerField(default=1)),
        migrations.AddField(
            "searchdraft",
            "changed_by",
            models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
    ]
