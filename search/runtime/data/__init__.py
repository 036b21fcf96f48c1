"""Datasets as tensors, and what a training draws from them: batches, augmentations, windows of text."""
