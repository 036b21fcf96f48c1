"""Graphs and everything computed from them without torch: edits, lowering, cost, limits, memory order, what-if.

May import data and base.
"""
