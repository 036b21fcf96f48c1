"""Plain scripts that measure: `make bench NAME=train`. Each prints what it ran on, how often, and how sure it is."""
