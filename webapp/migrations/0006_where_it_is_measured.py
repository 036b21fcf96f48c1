from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('webapp', '0005_limits_of_latency'),
    ]

    operations = [
        migrations.AddField(
            model_name='search',
            name='measured_on',
            field=models.CharField(max_length=120, null=True),
        ),
        migrations.AddField(
            model_name='worker',
            name='machine',
            field=models.CharField(blank=True, default='', max_length=120),
        ),
    ]
