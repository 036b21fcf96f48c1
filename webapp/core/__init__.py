"""Shared by all parts: errors, the database's clock, short transactions, retries, pokes.

May import settings and below.
"""
