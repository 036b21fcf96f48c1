"""What the web server does besides the API: pages, static files, readiness, limits on bodies.

May import everything below the API too.
"""
