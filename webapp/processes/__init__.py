"""Starting and supervising processes: embedded services, the supervisor, children that end with their parent.

Imports nothing from webapp.
"""
