"""Architectures and trained models. May import datasets, devices and below."""
