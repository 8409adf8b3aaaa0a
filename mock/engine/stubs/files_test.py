import contextlib
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mock.engine.stubs.files import ScenarioError, line_of, read_faults, read_scenario


def write(folder: Path, name: str, text: str | bytes) -> Path:
    file = folder / name
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    return file


YAML = """\
seed: 3
stubs:
  - id: two
    request: {rpc: a.B/C}
    answers:
      - json: {version: "0.9"}
"""


def test_yaml_and_json_are_the_same(tmp_path: Path) -> None:
    found = read_scenario(write(tmp_path, "a.yaml", YAML))
    assert (found.seed, found.stubs[0].answers[0].json_) == (3, {"version": "0.9"})
    json = write(tmp_path, "a.json", found.to_wire())
    assert read_scenario(json) == found
    assert read_scenario(None) is None
    assert read_faults(None) is None
    faults = read_faults(write(tmp_path, "f.yaml", "rules: [{fault: {kind: hang}}]"))
    assert faults.rules[0].fault.kind == "hang"


@pytest.mark.parametrize(
    ("name", "text", "wanted"),
    [
        ("a.yaml", YAML.replace("json:", "jsn:"), "a.yaml:6: $.stubs[0].answers[0].jsn: unknown key"),
        ("a.yaml", "stubs:\n- id: a\n  id: b\n", "a.yaml:3: $.stubs[0]: the key 'id' stands twice"),
        (
            "a.json",
            '{"stubs":[\n{"id":"a","id":"b","request":{},"answers":[{}]}]}',
            'a.json:2: $.stubs[0]: duplicate key "id"',
        ),
        ("a.json", '{"stubs":[\n{"id":"a",}]}', "a.json:2: no JSON: "),
        ("a.json", "stubs: []", "a.json:1: no JSON: "),
        ("a.yaml", "a: [", "a.yaml:2: no YAML: "),
        ("a.yaml", "[" * 100_000, "a.yaml: it nests too deep"),
        ("a.yaml", "- " * 50_000 + "x", "a.yaml: it nests too deep"),
        ("a.json", '{"stubs":' + "[" * 100_000, "a.json:"),
        ("a.yaml", "a: &a [*a]", "a.yaml:1: $.a[0]: its aliases make it endless"),
        ("a.yaml", "a: .inf", "a.yaml:1: $.a: is no number"),
        ("a.yaml", b"a: \xff", "a.yaml:1: byte 3 is no UTF-8"),
        ("a.yaml", "a: !!python/object:os.system x", "a.yaml:1: $.a: "),
        ("a.yaml", "", "a.yaml: $: expected an object"),
        ("a.yaml", "? [a]\n: 1", "a.yaml:1: $: a key must be text"),
        ("a.yaml", "a: 1\n---\nb: 2", "a.yaml:2: no YAML: "),
    ],
)
def test_what_is_wrong_and_where(name: str, text: str | bytes, wanted: str, tmp_path: Path) -> None:
    with pytest.raises(ScenarioError) as caught:
        read_scenario(write(tmp_path, name, text))
    assert str(caught.value).removeprefix(f"{tmp_path}/").startswith(wanted)
    assert "\n" not in str(caught.value)


def test_what_is_no_file(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "nope.yaml"):
        with pytest.raises(ScenarioError, match="directory"):
            read_scenario(path)


def test_many_aliases_are_no_bomb(tmp_path: Path) -> None:
    lines = ["a: &a [x, x, x, x, x, x, x, x, x]"]
    lines += [f"{chr(98 + n)}: &{chr(98 + n)} [{', '.join(['*' + chr(97 + n)] * 9)}]" for n in range(9)]
    with pytest.raises(ScenarioError, match="endless"):
        read_scenario(write(tmp_path, "a.yaml", "\n".join(lines)))


def test_lines_for_errors_that_come_up_later(tmp_path: Path) -> None:
    file = write(tmp_path, "a.yaml", YAML)
    assert line_of(file, "$.stubs[0].answers[0].json.version") == 6
    assert line_of(file, "$.stubs[0].request.rpc") == 4
    assert line_of(tmp_path / "nope", "$") is None


@settings(deadline=None)
@given(text=st.text(alphabet='{}[]:-,"a1&*!|>?\n #', max_size=40))
def test_any_text_is_read_or_refused(text: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    file = tmp_path_factory.getbasetemp() / "any.yaml"
    file.write_text(text)
    with contextlib.suppress(ScenarioError):
        read_scenario(file)
