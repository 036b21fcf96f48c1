"""How many forks of a search were made, so that none repeats the number of another."""

from django.db import migrations, models


def count_forks(apps, schema_editor):
    """Forks that were deleted are not known any more."""
    Search = apps.get_model('webapp', 'Search')
    forks = Search.objects.exclude(parent=None).order_by().values('parent').annotate(count=models.Count('pk'))
    for row in forks:
        Search.objects.filter(pk=row['parent']).update(forks_made=row['count'])


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
        migrations.RunPython(count_forks, migrations.RunPython.noop),
    ]
