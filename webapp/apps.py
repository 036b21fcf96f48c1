"""The one app of the project."""

from django.apps import AppConfig


class WebappConfig(AppConfig):
    name = "webapp"
    verbose_name = "Espalier"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Registers the handlers of outcomes: the scheduler lies below the owners of work and cannot import them."""
        from webapp.catalog import scores, training
        from webapp.datasets import uploads
        from webapp.devices import measurements
        from webapp.scheduling import outcomes
        from webapp.searches import probes, rounds

        outcomes.register("round", rounds.settle)
        outcomes.register("model", training.settle)
        outcomes.register("upload", uploads.settle)
        outcomes.register("measurement", measurements.settle)
        outcomes.register("probe", probes.settle)
        outcomes.register("score", scores.settle)
