from tools.wire.passes.order import components


def test_held_ones_first() -> None:
    assert components({"a": ["b", "c"], "b": ["c"], "c": []}) == [("c",), ("b",), ("a",)]


def test_cycles_stay_together_in_file_order() -> None:
    assert components({"a": ["b"], "b": ["c"], "c": ["a"], "d": ["a"]}) == [("a", "b", "c"), ("d",)]


def test_no_depth_limit() -> None:
    count = 20_000
    chain = {str(index): [str(index + 1)] for index in range(count)}
    assert components(chain)[0] == (str(count - 1),)
