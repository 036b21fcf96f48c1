"""The Celery application. Messages carry a task's name and an id; what they ask for is in Postgres."""

import os

from celery import Celery
from celery.signals import setup_logging

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "webapp.settings")

app = Celery("espalier")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks(["webapp"])


@setup_logging.connect
def keep_logging(**_: object) -> None:
    """Django's LOGGING is in force already; being connected keeps Celery from putting its own in place."""
