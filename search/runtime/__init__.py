"""The part of the engine that needs torch: builds, trains, measures and exports networks.

Only workers and the command line import it.
"""
