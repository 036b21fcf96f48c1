"""AutoShrink (Zhang et al., AAAI 2020) shrinks a dense cell by one edge per step. Its entry point is `strategy`.

`strategy` runs one of two protocols, `published` or `studio`; both extend the rounds of `loop` on the `state`. May
import strategies/base.py, log, evaluation, spaces, network, data and base.
"""
