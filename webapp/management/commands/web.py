"""`manage.py web`: the web server alone, for requests and sockets."""

import errno
import socket
from argparse import ArgumentParser
from typing import Any

import uvicorn
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError


class Command(BaseCommand):
    help = "Serve the pages, the API and the sockets."
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
            ws_per_message_deflate=False,  # each socket would pack the same few kilobytes anew, and keep memory for it
            lifespan="off",
            log_config=None,  # Django's LOGGING
            access_log=False,
            server_header=False,
            forwarded_allow_ips=settings.PROXIES,
            timeout_graceful_shutdown=2,  # an open socket is taken up again by the page
        )
        uvicorn.Server(config).run(sockets=[listener])


def listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family, backlog=512)
    except PermissionError:
        raise CommandError(f"Port {port} is not for ordinary users. Choose another: make run PORT=8001") from None
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise CommandError(f"Port {port} is taken. Choose another: make run PORT={port + 1}") from None
        raise CommandError(f"Cannot listen on {host}: {error.strerror}.") from None
