"""Handing out work: wake-ups, leases, heartbeats, presence of workers. May import files and below.

The owners of work lie above this package; each registers a handler for its outcomes (webapp/apps.py).
"""
