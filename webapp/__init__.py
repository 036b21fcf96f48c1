"""The studio: a thin Django project around the engine in `search`.

Each package names the highest package of webapp that it may import; those below are allowed too
(docs/architecture.md lists the order). All may import `search`, except `search.runtime`.
"""
