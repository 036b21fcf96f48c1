"""Content-addressed files: storage, references to them, cached copies on this machine.

May import accounts and below.
"""
