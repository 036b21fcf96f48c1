"""The Celery application. A message holds a task's name and an id; everything else is in Postgres."""

import os

from celery import Celery
from celery.signals import setup_logging

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "webapp.settings")

app = Celery("espalier")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks(["webapp"])


@setup_logging.connect
def keep_logging(**_: object) -> None:
    """Does nothing: that this signal has a receiver keeps Celery from replacing Django's LOGGING."""
