"""Devices that measure latency, and the measurements. May import scheduling, files, models and core."""
