"""How many forks of a search were made, so that none repeats the number of another."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('webapp', '0016_files_of_results'),
    ]

    operations = [
        migrations.AddField(
            model_name='search',
            name='forks_made',
            field=models.PositiveIntegerField(default=0),
        ),
    ]
