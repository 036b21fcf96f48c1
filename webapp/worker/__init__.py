"""What a worker process does besides its work: storing checkpoints, collecting garbage.

May import scheduling, files, models and core.
"""
