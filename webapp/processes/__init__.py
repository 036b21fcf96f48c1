"""Processes that start processes: embedded services, the supervisor, ending with the parent.

Imports nothing of webapp.
"""
