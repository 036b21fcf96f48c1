"""Searches: their rounds, log, branches, commands and answers. May import catalog, datasets, devices and below."""
