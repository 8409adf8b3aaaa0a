"""Names of models."""

import pytest

from mock.ollama.names import Name


@pytest.mark.parametrize(
    ("text", "full", "short"),
    [
        ("m", "registry.ollama.ai/library/m:latest", "m:latest"),
        ("qwen2.5:0.5b", "registry.ollama.ai/library/qwen2.5:0.5b", "qwen2.5:0.5b"),
        ("me/m", "registry.ollama.ai/me/m:latest", "me/m:latest"),
        ("example.com/me/m:v1", "example.com/me/m:v1", "example.com/me/m:v1"),
        ("localhost:5000/me/m", "localhost:5000/me/m:latest", "localhost:5000/me/m:latest"),
        ("https://example.com/me/m", "example.com/me/m:latest", "example.com/me/m:latest"),
        ("_x:_", "registry.ollama.ai/library/_x:_", "_x:_"),
        ("a" * 80, f"registry.ollama.ai/library/{'a' * 80}:latest", "a" * 80 + ":latest"),
    ],
)
def test_what_is_not_said_is_filled_in(text: str, full: str, short: str) -> None:
    name = Name.parse(text)
    assert name is not None
    assert (name.full, name.short) == (full, short)


@pytest.mark.parametrize(
    "text", ["", " ", "a b", "-m", "m:", ":t", "/m", "a//m", "m/", "ä", "m:-t", "a" * 81, "w/x/y/z"]
)
def test_what_is_no_name(text: str) -> None:
    assert Name.parse(text) is None


def test_case_does_not_matter() -> None:
    one, other = Name.parse("Me/M:Latest"), Name.parse("me/m")
    assert one is not None and other is not None
    assert one.key == other.key
