from __future__ import annotations

from bridge.v1.program_wire import FieldSpec, Signature
from hypothesis import given
from hypothesis import strategies as st

from parity.bridge.host.prediction import outputs

ALL = Signature(
    inputs=["query"],
    outputs=[
        "plain",
        FieldSpec(name="n", type="int"),
        FieldSpec(name="x", type="float"),
        FieldSpec(name="yes", type="bool"),
    ],
)
VALUES = st.dictionaries(st.text(max_size=5), st.one_of(st.integers(-9, 9), st.text(max_size=5), st.none()), max_size=4)


@given(VALUES)
def test_every_output_has_its_type_and_is_always_the_same(inputs: dict[str, int | str | None]) -> None:
    found = outputs(ALL, inputs)
    assert found == outputs(ALL, dict(reversed(inputs.items())))
    number = int(str(found["plain"]).removeprefix("mock_plain_"))
    assert found == {
        "plain": f"mock_plain_{number}",
        "n": number % 1000,
        "x": number % 1000 / 10,
        "yes": number % 2 == 0,
    }
    assert [type(value) for value in found.values()] == [str, int, float, bool]


def test_other_inputs_give_other_outputs() -> None:
    assert len({str(outputs(ALL, {"query": number})["plain"]) for number in range(100)}) == 100
