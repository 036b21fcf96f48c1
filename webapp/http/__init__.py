"""What the web server does besides the API: pages, static files, readiness, limits on bodies.

May import api and below.
"""
