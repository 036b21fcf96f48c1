"""Whether a team was given the sample search. Teams from before are not given one anew."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("webapp", "0013_precision_of_architectures")]
    operations = [
        migrations.AddField("team", "has_sample", models.BooleanField(default=True)),
        migrations.AlterField("team", "has_sample", models.BooleanField(default=False)),
    ]
