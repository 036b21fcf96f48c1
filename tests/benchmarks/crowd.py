"""Many sockets that watch one search, in a separate process: `python -m tests.benchmarks.crowd ADDRESS SESSION N`.

Prints "ready" once every socket has received its first message. When standard input closes, prints the times at which
each removed edge arrived, as JSON: {edge: [seconds, …]}.
"""

import asyncio
import json
import sys
import time
from typing import Any

from websockets.asyncio.client import ClientConnection, connect

from tests.frames import message_of

Arrivals = dict[str, list[float]]


async def main(address: str, session: str, count: int) -> None:
    arrivals: Arrivals = {}
    headers = {"Cookie": f"sessionid={session}"}
    origin: Any = address.replace("ws://", "http://").partition("/ws/")[0]
    sockets: list[ClientConnection] = []
    for _ in range(count):
        socket = await connect(address, origin=origin, additional_headers=headers, max_size=None)
        sockets.append(socket)
    first = [asyncio.Event() for _ in sockets]
    watching = [asyncio.create_task(watch(*pair, arrivals)) for pair in zip(sockets, first, strict=True)]
    for event in first:
        await event.wait()
    print("ready", flush=True)
    await asyncio.to_thread(sys.stdin.read)
    print(json.dumps(arrivals), flush=True)
    for task in watching:
        task.cancel()


async def watch(socket: ClientConnection, first: asyncio.Event, arrivals: Arrivals) -> None:
    """Records the times at which removed edges arrive."""
    async for frame in socket:
        now = time.time()
        first.set()
        if isinstance(frame, str) and "graph_edited" not in frame:  # most are telemetry, which is not worth reading
            continue
        for event in message_of(frame).get("events", []):
            if event["kind"] == "graph_edited":
                for edge in event["payload"]["edits"]["edges_removed"]:
                    arrivals.setdefault(edge, []).append(now)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2], int(sys.argv[3])))
