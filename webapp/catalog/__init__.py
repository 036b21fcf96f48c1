"""Architectures and trained models. May import datasets, devices, scheduling, files, accounts, models and core."""
