"""The one app of the project."""

from django.apps import AppConfig


class WebappConfig(AppConfig):
    name = "webapp"
    verbose_name = "Espalier"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Tells the scheduler what each owner of work does with outcomes: scheduling lies below them all."""
        from webapp.catalog import training
        from webapp.datasets import uploads
        from webapp.devices import measurements
        from webapp.scheduling import leases
        from webapp.searches import lifecycle

        leases.register("round", lifecycle.settle)
        leases.register("model", training.settle)
        leases.register("upload", uploads.settle)
        leases.register("measurement", measurements.settle)
