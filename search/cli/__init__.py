"""The commands of `python -m search`, and the driver that runs a search in a folder. May import everything else."""
