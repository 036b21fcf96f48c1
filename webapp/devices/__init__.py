"""Devices that measure latency, and measurements. May import scheduling, files, models and core."""
