"""An item of work may have a file for each of its results, and one checkpoint."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('webapp', '0015_draft_versions'),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name='artifactuse',
            name='artifact_use_once_a_work',
        ),
        migrations.AddConstraint(
            model_name='artifactuse',
            constraint=models.UniqueConstraint(fields=('work', 'format', 'artifact'), name='artifact_use_once_a_work'),
        ),
        migrations.AddConstraint(
            model_name='artifactuse',
            constraint=models.UniqueConstraint(condition=models.Q(('format', 'checkpoint')), fields=('work',), name='artifact_one_checkpoint_of_a_work'),
        ),
    ]
