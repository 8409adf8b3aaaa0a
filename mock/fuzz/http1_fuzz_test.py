"""Any bytes on a connection of HTTP/1.1: an answer or an end, and the next connection is served."""

from __future__ import annotations

from random import Random

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mock.engine.answer import JSON, Answer
from mock.engine.api import Method
from mock.engine.request import Request
from mock.fuzz import traffic
from mock.fuzz.effort import Effort, examples
from mock.fuzz.mutator import Mutator, cut
from mock.fuzz.target import Target

SHARED = settings(deadline=None, suppress_health_check=list(HealthCheck))
TOKEN = st.sampled_from(
    ["host", "content-length", "transfer-encoding", "connection", "expect", "upgrade", "x", "content-type"]
)
VALUE = st.one_of(
    st.sampled_from(
        ["chunked", "5", "0", "close", "upgrade", "100-continue", "h2c", "gzip, chunked", "identity", "-1", "1e9"]
    ),
    st.text(st.characters(max_codepoint=255), max_size=12),
)


@st.composite
def one_request(draw: st.DrawFn) -> bytes:
    """By the grammar, mostly."""
    verb = draw(st.sampled_from(["GET", "POST", "PUT", "HEAD", "OPTIONS", "CONNECT", "PATCH", "TRACE", "get", "X"]))
    where = draw(
        st.one_of(st.sampled_from(["/", "*", "/v1/items", "/v1/chat", "a:1", "http://a?b"]), st.text(max_size=20))
    )
    version = draw(st.sampled_from(["HTTP/1.1"] * 4 + ["HTTP/1.0", "HTTP/2.0", "HTTP/1.2", ""]))
    headers = [("host", "localhost"), *draw(st.lists(st.tuples(TOKEN, VALUE), max_size=5))]
    end = draw(st.sampled_from(["\r\n"] * 5 + ["\n", "\r"]))
    head = f"{verb} {where} {version}{end}" + "".join(f"{name}: {value}{end}" for name, value in headers) + end
    chunk = draw(st.binary(max_size=20))
    body = draw(st.sampled_from([b"", chunk, b"%x\r\n%b\r\n0\r\n\r\n" % (len(chunk), chunk), b'{"id":"a"}']))
    return head.encode("utf-8", "surrogatepass") + body


@settings(SHARED, max_examples=examples(300))
@given(st.lists(one_request(), min_size=1, max_size=4), st.randoms(use_true_random=False))
def test_requests_by_the_grammar(made: list[bytes], random: Random) -> None:
    with Target() as target:
        target.run(target.talk(cut(random, b"".join(made))))
        target.run(target.good())


@settings(SHARED, max_examples=examples(150))
@given(st.lists(st.binary(max_size=80), max_size=5))
def test_any_bytes(reads: list[bytes]) -> None:
    with Target() as target:
        target.run(target.talk(reads))


def test_mutated_requests(target: Target, effort: Effort) -> None:
    """Of all routes, up to the backends."""
    corpus = traffic.corpus(_methods(target), effort.seed)
    mutate = Mutator(traffic.WORDS, corpus)

    def reads(random: Random) -> list[bytes]:
        made = b"".join(random.choice(corpus) for _ in range(random.choice((1, 1, 1, 2, 4))))
        return cut(random, mutate(random, made))

    target.run(target.volume(effort, 12_000, reads))


class Plain:
    """Answers by itself: the front alone is tried, for numbers."""

    def handle(self, request: Request) -> Answer:
        return Answer(200, JSON, b"fine" if request.path == "/health" else b"{}")


def test_the_front_alone(effort: Effort) -> None:
    with Target(handler=Plain()) as target:
        corpus = traffic.corpus(_methods(target), effort.seed, 1)
        mutate = Mutator(traffic.WORDS, corpus)
        target.run(target.volume(effort, 40_000, lambda random: cut(random, mutate(random, random.choice(corpus)))))


def test_cut_at_every_place(target: Target) -> None:
    """The answers to a request don't depend on how it comes."""
    corpus = traffic.corpus(target.engine.apis.api("shop").methods, 0, 2)

    async def story() -> None:
        for data in corpus:
            whole = await target.talk([data])
            for place in range(1, len(data)):
                parts = await target.talk([data[:place], data[place:]])
                assert [(each.status, each.body) for each in parts] == [(each.status, each.body) for each in whole], (
                    data,
                    place,
                )

    target.run(story())


def _methods(target: Target) -> list[Method]:
    return [*target.engine.apis.methods, *target.admin.methods]
