"""Who works on what: wake-ups, leases, heartbeats, presence of workers. May import files, models and core.

It lies below the owners of work; each registers what it does with an outcome (webapp/apps.py).
"""
