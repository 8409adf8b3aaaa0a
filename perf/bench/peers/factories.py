"""polyfactory over the hand-written models, as its documentation says; a worker of perf/bench/rounds.py."""

from __future__ import annotations

from polyfactory.factories.pydantic_factory import ModelFactory

from perf.bench.peers import hand
from perf.bench.worker import Case, serve

# What the bulk generator makes too: lists of none to seven.
LONGEST = 7


SAMPLE_REQUESTS = ModelFactory.create_factory(
    hand.SampleRequest,
    __random_seed__=7,
    __randomize_collection_length__=True,
    __min_collection_length__=0,
    __max_collection_length__=LONGEST,
)


def cases() -> dict[str, Case]:
    build = SAMPLE_REQUESTS.build
    return {
        "polyfactory/SampleRequest/value": build,
        "polyfactory/SampleRequest/JSON": lambda: build().model_dump_json(exclude_none=True),
    }


if __name__ == "__main__":
    serve(cases())
