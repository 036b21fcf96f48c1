"""REST. A view validates the request, checks access, calls one function of the domain, and serialises the result.

May import searches and below, but neither the task queue (scheduling/queue.py) nor the channel layer (core/pokes.py).
"""
