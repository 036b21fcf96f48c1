"""The data types of a search: its task, its events and the commands that people send it, and the view of its log.

May import evaluation, spaces, network, data and base.
"""
