"""Benchmark scripts, run by `make bench NAME=train`. Each prints its conditions, the number of runs and intervals."""
