"""What a worker process does around its work: handing on checkpoints, collecting garbage.

May import scheduling, files, models and core.
"""
