"""The studio: a thin Django project around the engine in `search`."""
