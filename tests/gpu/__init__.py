"""Checks that need a GPU; they skip, saying so, where there is none."""
