"""The commands of `python -m search`, and the driver of local searches. May import every other package."""
