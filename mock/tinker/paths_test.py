import pytest

from mock.tinker.paths import BadPath, CheckpointPath, check_name


def test_paths_are_taken_apart() -> None:
    path = CheckpointPath.parse("tinker://s-1:train:0/sampler_weights/0001")
    assert (path.run, path.kind, path.name, path.id) == (
        "s-1:train:0",
        "sampler_weights",
        "0001",
        "sampler_weights/0001",
    )
    assert str(path) == "tinker://s-1:train:0/sampler_weights/0001"


@pytest.mark.parametrize(
    "text",
    ["", "bad", "tinker:/r/weights/1", "http://r/weights/1", "tinker://r/weights", "tinker://r/weights/1/2",
     "tinker://r/other/1", "tinker:///weights/1", "tinker://r/weights/", "tinker://r/weights/.."],
)  # fmt: skip
def test_what_is_no_path_is_refused(text: str) -> None:
    with pytest.raises(BadPath):
        CheckpointPath.parse(text)


def test_names() -> None:
    assert check_name("step-1.final_2") == "step-1.final_2"
    with pytest.raises(BadPath):
        check_name("a/b")
