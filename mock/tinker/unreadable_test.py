import pytest

from mock.tinker import unreadable
from mock.tinker.conftest import DATA, Client, Play

TARGETS = {"target_tokens": {"data": [1], "dtype": "int64", "shape": [1]}}


def images(typed: bool) -> dict[str, object]:
    """As 0.7 to 0.16 (no types) and 0.18 to 0.22 send them."""
    chunks = [
        {"tokens": [5]} | ({"type": "encoded_text"} if typed else {}),
        {"data": "eHg=", "format": "png", "expected_tokens": 7} | ({"type": "image"} if typed else {}),
        {"data": "eHg=", "format": "png"} | ({"type": "image"} if typed else {}),
        {"location": "loc", "format": "jpeg", "expected_tokens": 2}
        | ({"type": "image_asset_pointer"} if typed else {}),
    ]
    datum = {"loss_fn_inputs": TARGETS, "model_input": {"chunks": chunks}}
    return {"data": [datum], "loss_fn": "cross_entropy", "loss_fn_config": None}


@pytest.mark.parametrize("typed", [False, True])
@pytest.mark.parametrize("dialect", ["tinker-0.4.1", "tinker-0.38"])
def test_images_of_releases_between(play: Play, dialect: str, typed: bool) -> None:
    async def script(client: Client) -> None:
        model = await client.model()
        client.dialect = dialect
        for path, key in (("/forward", "forward_input"), ("/forward_backward", "forward_backward_input")):
            told = await client.turn(path, model, **{key: images(typed)})
            assert told.status == 200, told.body
            done = await client.done(told)
            assert len(done["loss_fn_outputs"][0]["logprobs"]["data"]) == 1
        params = {"max_tokens": 2}
        prompt = {"chunks": images(typed)["data"][0]["model_input"]["chunks"]}  # type: ignore[index]
        made = await client.post(
            "/create_sampling_session", session_id=client.session, sampling_session_seq_id=0, base_model="m/B"
        )
        name = made.json["sampling_session_id"]
        told = await client.post(
            "/asample", prompt=prompt, sampling_params=params, sampling_session_id=name, num_samples=1
        )
        assert told.status == 200, told.body

    play(script)


def test_a_refused_request_holds_nobody_up(play: Play) -> None:
    """Without it the next would wait a minute for its turn."""

    async def script(client: Client) -> None:
        model = await client.model()
        client.configure(future={"hold_s": 5})
        refused = await client.turn("/forward_backward", model, forward_backward_input={"data": "none"})
        assert refused.status == 422
        assert (await client.turn("/optim_step", model, adam_params="none")).status == 422
        told = await client.turn("/forward_backward", model, forward_backward_input=DATA)
        assert (await client.done(told))["metrics"]

    play(script)


@pytest.mark.parametrize(
    "body",
    [b"", b"[]", b"null", b"{", b'{"a":[{}]}', b'{"chunks":[{"tokens":[1]}]}', b"\xff", b"[" * 1000 + b"]" * 1000],
)
def test_there_is_nothing_to_mend(body: bytes) -> None:
    assert unreadable.mended(body) is None


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b'{"model_id":"m"}', b'{"model_id":1,"seq_id":2}', b'{"seq_id":1}'])
def test_there_is_no_turn(body: bytes) -> None:
    assert unreadable.turn(body) is None
