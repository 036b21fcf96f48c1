"""Tests that need a GPU, and are skipped without one."""
