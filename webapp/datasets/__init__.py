"""Datasets of a team, and the uploads that become datasets. May import scheduling and below."""
