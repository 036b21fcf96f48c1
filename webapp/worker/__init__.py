"""What a worker process does besides its work: storing checkpoints, collecting garbage.

May import datasets, devices and below.
"""
