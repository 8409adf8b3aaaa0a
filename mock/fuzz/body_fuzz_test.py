"""Bodies of every route that are not what it takes, in all forms: one whole request, so one answer."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Callable
from random import Random
from urllib.parse import quote

import zstandard

from mock.engine.api import Method, Route
from mock.fuzz import traffic, values
from mock.fuzz.effort import Effort
from mock.fuzz.mutator import Mutator
from mock.fuzz.target import Found, Target

FORM = (
    b'--b\r\nContent-Disposition: form-data; name="id"\r\n\r\na\r\n',
    b'--b\r\nContent-Disposition: form-data; name="file"; filename="a.json"\r\n\r\n{"id":"a"}\r\n',
    b"--b--\r\n",
    b"--b\r\n\r\n",
    b"--",
    b"--b",
    b"id=a&tags=b&tags=c",
    b"%",
    b"%zz=%ff",
    b"&&&&",
    b'name="',
    b"filename=",
    b'Content-Disposition: form-data; name="\xff"\r\n',
    b"Content-Transfer-Encoding: base64\r\n",
    b"Content-Transfer-Encoding: quoted-printable\r\n",
    b"Content-Transfer-Encoding: x\r\n",
)
MULTIPART = (
    "multipart/form-data; boundary=b",
    "multipart/form-data",
    "multipart/form-data; boundary=",
    'multipart/form-data; boundary*="',
)
URLENCODED = "application/x-www-form-urlencoded"


def _routes(target: Target) -> list[tuple[Method, Route]]:
    methods = [*target.engine.apis.methods, *target.admin.methods]
    return [(method, route) for method in methods for route in method.routes if route.body]


async def _one_answer(target: Target, data: bytes) -> None:
    try:
        found = await target.talk([data])
        if len(found) != 1:
            raise Found(f"one request, {len(found)} answers")
    except Exception as error:
        raise Found(f"{error}\n{data!r:.20000}") from error


def test_json(target: Target, effort: Effort) -> None:
    """Right but for a few values: deep, huge, of another type, doubled, with lone surrogates."""
    routes = _routes(target)
    mutate = Mutator(traffic.WORDS)

    async def one(random: Random) -> None:
        method, route = random.choice(routes)
        spec = method.request
        value = values.message(random, spec, traffic.dialect(random, method)) if spec.dialects else {}
        body = value if route.body == "*" or not isinstance(value, dict) else value.get(route.body, {})
        text = values.text(random, body, random.choice((0.02, 0.1, 0.3))).encode("utf-8", "surrogatepass")
        if random.random() < 0.2:
            text = mutate(random, text)
        agent = random.choice(traffic.AGENTS)
        await _one_answer(target, traffic.request(route.verb, traffic.target(random, route), agent, text))

    target.run(target.rounds(effort, 10_000, one))


def test_queries_and_paths(target: Target, effort: Effort) -> None:
    methods = [*target.engine.apis.methods, *target.admin.methods]
    routes = [(method, route) for method in methods for route in method.routes if route.body != "*"]
    safe = bytes(each for each in range(0x21, 0x7F) if each not in b"?#")

    async def one(random: Random) -> None:
        method, route = random.choice(routes)
        value = (
            values.message(random, method.request, traffic.dialect(random, method)) if method.request.dialects else {}
        )
        names = [*value] if isinstance(value, dict) else []
        names += ["a", "", "a.b.c", *(name + ".x" for name in names)]
        pairs = []
        for _ in range(random.randint(0, 4)):
            said = random.choice(
                (random.choice(values.ODD), str(random.getrandbits(80)), "\u00e9%", "true", "inf", "1_0")
            )
            pairs.append(f"{random.choice(names)}={quote(said, errors='replace') if random.random() < 0.8 else 'a%f%'}")
        where = traffic.target(random, route)
        if random.random() < 0.3:
            at = random.randint(1, len(where))
            odd = random.choice(
                ("%", "%2", "%00", "%ff%fe", "%2e%2e/", "//", "%2F", chr(random.choice(safe)), "9" * 30, "%F0%9F%98%80")
            )
            where = where[:at] + odd + where[at:]
        data = traffic.request(route.verb, where + "?" * bool(pairs) + "&".join(pairs), random.choice(traffic.AGENTS))
        await _one_answer(target, data)

    target.run(target.rounds(effort, 8_000, one))


def test_protobuf(target: Target, effort: Effort) -> None:
    routes = _routes(target)
    mutate = Mutator(
        [
            b"\x0a\xff\xff\xff\xff\x0f",
            b"\xff" * 10,
            b"\x0b",
            b"\x0c",
            b"\x0f",
            b"\x08",
            b"\x12\x00",
            b"\xf8\xff\xff\xff\x0f\x01",
        ]
    )

    async def one(random: Random) -> None:
        method, route = random.choice(routes)
        message = traffic.binary(random, method, over_grpc=False)
        if message is not None:
            body = mutate(random, message) if random.random() < 0.9 else random.randbytes(30) * random.choice((1, 100))
            where, agent = traffic.target(random, route), random.choice(traffic.AGENTS)
            await _one_answer(target, traffic.request(route.verb, where, agent, body, "application/x-protobuf"))

    target.run(target.rounds(effort, 8_000, one))


def test_forms_and_encodings(target: Target, effort: Effort) -> None:
    routes = _routes(target)
    mutate = Mutator(FORM)
    packers: dict[bytes, Callable[[bytes], bytes]] = {
        b"gzip": gzip.compress,
        b"deflate": zlib.compress,
        b"zstd": zstandard.ZstdCompressor().compress,
        b"br": bytes,
        b"": bytes,
    }

    async def one(random: Random) -> None:
        _, route = random.choice(routes)
        kind = random.choice((*MULTIPART, URLENCODED, "application/json"))
        body = b"".join(random.choice(FORM) for _ in range(random.randint(0, 5)))
        coding = random.choice([*packers])
        body = packers[coding](mutate(random, body) if random.random() < 0.8 else body)
        if random.random() < 0.3:
            body = mutate(random, body)
        headers = b"Content-Encoding: %b\r\n" % coding if coding else b""
        await _one_answer(target, traffic.request(route.verb, traffic.target(random, route), headers, body, kind))

    target.run(target.rounds(effort, 8_000, one))
