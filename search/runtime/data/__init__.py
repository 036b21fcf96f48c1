"""Datasets as tensors, and what a training draws from them."""
