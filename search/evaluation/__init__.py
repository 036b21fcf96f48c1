"""How candidates are evaluated: recipes, work items, and latencies as a search knows them.

May import spaces, network, data and base.
"""
