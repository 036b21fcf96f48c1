"""The one app of the project."""

from django.apps import AppConfig


class WebappConfig(AppConfig):
    name = "webapp"
    verbose_name = "Espalier"
    default_auto_field = "django.db.models.BigAutoField"
