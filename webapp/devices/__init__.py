"""Devices that measure latency, and measurements. May import scheduling and below."""
