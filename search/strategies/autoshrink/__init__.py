"""AutoShrink (Zhang et al., AAAI 2020) shrinks a dense cell by one edge per step. Its entry point is `strategy`.

May import what strategies may.
"""
