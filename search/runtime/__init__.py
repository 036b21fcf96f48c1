"""The part of the engine that needs torch: builds, trains, measures and exports networks.

May import strategies and below, torch and other third-party packages, but nothing of the web application. Only workers
and the command line import it.
"""
