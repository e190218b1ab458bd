"""Runs the scenario of scenario.ts with python3-websockets, and prints what it saw as JSON."""
import asyncio
import json
import ssl
import sys

from websockets.exceptions import InvalidStatusCode
from websockets.legacy.client import connect as connect_legacy  # In 10 the only one, later beside another.

MIB = 1024 * 1024


def connect(base, path, certificate, **options):
    if base.startswith("wss:"):
        options["ssl"] = ssl.create_default_context(cafile=certificate)
    return connect_legacy(
        base + path, max_size=4 * MIB, open_timeout=60, close_timeout=60, ping_interval=None, **options
    )


def describe(sent, back):
    kind = "text" if isinstance(back, str) else "binary"
    length = len(back.encode("utf-16-le")) // 2 if kind == "text" else len(back)
    return f"{kind} {length} {'same' if sent == back else 'changed'}"


async def run_scenario(base, tag, certificate):
    def to(path, **options):
        return connect(base, path, certificate, **options)

    async def echo(messages, expected):
        async with to("/echo") as socket:
            for message in messages:
                await socket.send(message)
            return [describe(sent, await socket.recv()) for sent in expected]

    async def closing(kind, act):
        socket = await to(f"/closes/{tag}-{kind}")
        await act(socket)
        await socket.wait_closed()
        return {"code": socket.close_code, "reason": socket.close_reason, "wasClean": socket.close_code != 1006}

    async def refused(path, headers=None):
        try:
            async with to(path, extra_headers=headers or {}):
                return 101
        except InvalidStatusCode as error:
            return error.status_code

    async with to("/first") as socket:
        first = await socket.recv()
    async with to("/protocols", subprotocols=["v1.chat", "other", "v2.chat"]) as socket:
        protocol = await socket.recv()
        if protocol != socket.subprotocol:
            protocol = ""
    async with to("/pings") as socket:
        await socket.send("ping me")
        pong = await socket.recv()
        await (await socket.ping(b"xyz"))
        ping = await socket.recv()
    headers = {"Cookie": "a=b; session=open%20sesame; c=d", "X-Client": "python"}
    async with to("/guarded", extra_headers=headers) as socket:
        welcome = await socket.recv()

    plain = ["héllo 👋 wörld"[:12], "", "x" * MIB, bytes(range(256)), b"", bytes(n % 251 for n in range(MIB))]
    return {
        "echoes": await echo(plain, plain),
        "fragments": await echo(
            [["a", "", "é"], ["", "b"], [b"\x00", b"\xff", b""], ["x" * 70000] * 3],
            ["aé", "b", b"\x00\xff", "x" * 210000],
        ),
        "first": first,
        "protocol": protocol,
        "pong": pong,
        "ping": ping,
        "welcome": welcome,
        "ends": {
            "byClient": await closing("byClient", lambda socket: socket.close(3001, "tschüß")),
            "byClientWithCode1000": await closing("byClientWithCode1000", lambda socket: socket.close()),
            "byServer": await closing("byServer", lambda socket: socket.send('[4010,"genug – 够了"]')),
            "byServerWithoutReason": await closing("byServerWithoutReason", lambda socket: socket.send("[]")),
        },
        "statuses": {
            "withoutCookie": await refused("/guarded"),
            "withWrongCookie": await refused("/guarded", {"Cookie": "session=1"}),
            "missing": await refused("/missing"),
            "foreignOrigin": await refused("/echo", {"Origin": "https://example.com"}),
        },
    }


async def join_topic(base, tag, certificate, size):
    received = []
    async with connect(base, "/topic", certificate) as socket:
        while len(received) < size:
            message = await socket.recv()
            if message == "go":
                await socket.send(tag)
            else:
                received.append(message)
    return received


def main():
    base, tag, certificate, *size = sys.argv[1:]
    if size:
        seen = asyncio.run(join_topic(base, tag, certificate, int(size[0])))
    else:
        seen = asyncio.run(run_scenario(base, tag, certificate))
    print(json.dumps(seen))


main()
