"""The engine: graphs, spaces, costs, budgets and strategies of an architecture search.

Everything outside `search.runtime` is standard library only and imports in milliseconds; `search.runtime` is the
torch half. Nothing here knows of the web application, of queues or of the environment.
"""

#: Part of every key of work: raise it when the same work would give another outcome.
ENGINE_VERSION = 2
