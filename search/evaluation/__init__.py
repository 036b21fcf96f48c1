"""The evaluation of candidates: recipes, work items, and measured latencies.

May import spaces, network, data and base.
"""
