"""The engine: graphs, search spaces, costs, limits and search strategies.

Everything outside `search.runtime` uses only the standard library and imports in milliseconds; `search.runtime` needs
torch. The engine knows nothing of the web application, of queues or of the environment.
"""

#: Part of every cache key. Raise it when the same work item would give another outcome.
ENGINE_VERSION = 4
