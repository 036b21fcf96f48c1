"""Datasets: their description, the built-in ones, splits and tokenization. May import base."""
