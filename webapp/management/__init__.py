"""`manage.py` commands. The highest layer: they may import everything."""
