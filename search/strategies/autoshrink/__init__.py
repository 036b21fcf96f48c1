"""AutoShrink (Zhang et al., AAAI 2020): shrinks a dense cell by one edge a step. `strategy` is the entry.

May import what strategies may.
"""
