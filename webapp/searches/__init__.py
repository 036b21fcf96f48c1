"""Searches: their rounds, log, branches, commands and answers. May import catalog, worker and below."""
