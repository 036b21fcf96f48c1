"""Sockets: feeds that read a thing once for all who watch it, and the consumers that send. May import api and below."""
