"""Architectures, their scores, and trained models. May import datasets, devices and below."""
