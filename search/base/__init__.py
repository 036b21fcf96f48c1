"""The ground of the engine: the JSON codec, settings as forms, files written whole.

Imports the standard library alone.
"""
