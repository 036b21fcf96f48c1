"""`manage.py` commands. They may import everything."""
