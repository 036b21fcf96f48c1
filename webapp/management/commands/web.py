"""`manage.py web`: the web server, for HTTP and WebSockets."""

import errno
import socket
from argparse import ArgumentParser
from typing import Any

import uvicorn
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError


class Command(BaseCommand):
    help = "Run the web server: pages, API and WebSockets."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--host", default=settings.HOST)
        parser.add_argument("--port", type=int, default=settings.PORT)
        parser.add_argument("--fd", type=int, help="an open socket to listen on, instead of host and port")

    def handle(self, *args: Any, host: str, port: int, fd: int | None, **options: Any) -> None:
        listener = listen(host, port) if fd is None else socket.socket(fileno=fd)
        config = uvicorn.Config(
            "webapp.asgi:application",
            ws="websockets-sansio",
            ws_per_message_deflate=False,  # long messages are compressed once for all sockets (webapp/live/feeds.py)
            lifespan="off",
            log_config=None,  # Django's LOGGING
            access_log=False,
            server_header=False,
            forwarded_allow_ips=settings.PROXIES,
            timeout_graceful_shutdown=2,  # pages reconnect their sockets
        )
        uvicorn.Server(config).run(sockets=[listener])


def listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family, backlog=512)
    except PermissionError:
        raise CommandError(f"Port {port} needs root. Choose another: make run PORT=8001") from None
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise CommandError(f"Port {port} is taken. Choose another: make run PORT={port + 1}") from None
        raise CommandError(f"Cannot listen on {host}: {error.strerror}.") from None
