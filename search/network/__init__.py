"""Graphs and what follows from them without torch: edits, lowering to a program, cost, limits, memory order, what-if.

May import data and base.
"""
