"""The frame of strategies that draw whole graphs and keep the best: a strategy only says how a graph is drawn.

`strategy.Sampler` implements the protocol of strategies/base.py. May import the modules of strategies/
that all strategies share, and below them log, evaluation, spaces, network, data and base.
"""
