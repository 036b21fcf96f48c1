"""`manage.py` commands. The top of the house: they may import everything."""
