"""Sharded targets as `bazel query --output=xml` tells them."""

from __future__ import annotations

from pathlib import Path

from tools.runs.shards.targets import Target, parse


def _rule(label: str, shards: int, *arguments: str) -> str:
    words = "".join(f'<string value="{argument}"/>' for argument in arguments)
    count = f'<int name="shard_count" value="{shards}"/>' if shards else ""
    return f'<rule class="py_test" location="x:1:1" name="{label}">{count}<list name="args">{words}</list></rule>'


def test_targets() -> None:
    ours = "--case-attempts=1"
    rules = [
        _rule("//a:plain_test", 4, ours),
        _rule("//a:here_test", 2, ours, "--durations=$(rootpath here.json)"),
        _rule("//a/b:colon_test", 2, ours, "--durations=$(rootpath :c/d.json)"),
        _rule("//a:there_test", 12, ours, "--durations=$(rootpath //b/c:there.json)"),
        _rule("//a:far_test", 2, ours, "--durations=$(rootpath @x//b:there.json)"),
        _rule("//a:go_test", 4, "-v"),
        _rule("//a:single_test", 0, ours),
        _rule("@x//a:not_here_test", 4, ours),
    ]
    found = list(
        parse(f'<?xml version="1.1" encoding="UTF-8" standalone="no"?><query version="2">{"".join(rules)}</query>')
    )
    assert found == [
        Target("//a:plain_test", 4, None),
        Target("//a:here_test", 2, Path("a/here.json")),
        Target("//a/b:colon_test", 2, Path("a/b/c/d.json")),
        Target("//a:there_test", 12, Path("b/c/there.json")),
        Target("//a:far_test", 2, None),
    ]
    assert found[0].proposed == Path("a/plain_test.durations.json")
