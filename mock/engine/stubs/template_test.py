import contextlib
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mock.engine.stubs.conftest import Ask, Session
from mock.engine.stubs.error import StubError
from mock.engine.stubs.template import Scene, Unrendered, compiled
from mock.engine.stubs.view import View

BODY = {"n": 2, "s": "Ann", "list": [1, "two", None], "o": {"x y": 1.5, "t": True}, "at": "12"}


@pytest.fixture
def scene(ask: Ask, session: Session) -> Scene:
    request = ask("POST", "/v1/items/7?q=a+b&q=c", BODY, {"X-Trace": "abc"})
    return Scene(View(request), session, 3, {"id": "7", "price.cents": "5"})


def render(value: Any, scene: Scene) -> Any:
    make = compiled(value, "$.json")
    return value if make is None else make(scene)


@pytest.mark.parametrize(
    ("template", "wanted"),
    [
        ("plain", "plain"),
        ("{{ request.json.n }}", 2),
        ("{{request.json.o}}", BODY["o"]),
        ("{{ request.json }}", BODY),
        ('{{ request.json.o["x y"] }}', 1.5),
        ("{{ request.json.list[-1] }}", None),
        (
            "n={{ request.json.n }}, t={{ request.json.o.t }}, l={{ request.json.list }}",
            'n=2, t=true, l=[1,"two",null]',
        ),
        ("{{ request.headers.x-trace }}", "abc"),
        ('{{ request.headers["X-Trace"] | upper }}', "ABC"),
        ("{{ request.query.q }}", "a b"),
        ("{{ request.fields.id | int }}", 7),
        ("{{ request.fields.price.cents }}", "5"),
        ("{{ request.path }} {{ request.method }}", "/v1/items/7 POST"),
        ("{{ request.body | length }}", len(orjson.dumps(BODY))),
        ("{{ call }}", 3),
        ("{{ now }}", 1000.0),
        ("{{ now | date }}", "1970-01-01T00:16:40Z"),
        ('{{ now | date("%H:%M") }}', "00:16"),
        ("{{ request.json.nope | default(null) }}", None),
        ("{{ request.json.nope.deeper | upper | default('x') }}", "x"),
        ("{{ request.json.s | default('x') | lower }}", "ann"),
        ("{{ request.json.o | json }}", '{"x y":1.5,"t":true}'),
        ("{{ request.json.n | string }}", "2"),
        ("{{ request.json.at | float }}", 12.0),
        ("{{ request.json.s | base64 }}", "QW5u"),
        ("{{ request.json.list | length }}", 3),
        ("{{ '{{' }} and }}", "{{ and }}"),
        ('{{ "a\\"b }}" }}', 'a"b }}'),
        ({"a": ["{{ call }}", {"b": "x{{ call }}"}], "c": 1}, {"a": [3, {"b": "x3"}], "c": 1}),
    ],
)
def test_values(template: Any, wanted: Any, scene: Scene) -> None:
    found = render(template, scene)
    assert found == wanted
    assert type(found) is type(wanted)


def test_what_is_random_comes_from_the_session(scene: Scene) -> None:
    value = ["{{ uuid }}", "{{ random }}", "{{ random(1, 6) }}", "{{ random(0, 0.5) }}"]
    found = render(value, scene)
    again = Scene(scene.view, Session(), 1, {})
    assert found == render(value, again)
    assert found != render(value, again)
    assert found[0][14] == "4"
    assert found[2] in range(1, 7)
    assert 0 <= found[3] <= 0.5


def test_no_template_costs_nothing() -> None:
    assert compiled({"a": ["b", 1], "c": "}}"}, "$") is None


@pytest.mark.parametrize(
    ("template", "reason"),
    [
        ("{{", "}} is missing"),
        ("{{ call", "}} is missing"),
        ("{{ }}", "got '}}'"),
        ("{{ nope }}", "there are request"),
        ("{{ request.jsn.a }}", "did you mean 'json'"),
        ("{{ request }}", "there is no request."),
        ("{{ call | uper }}", "did you mean 'upper'"),
        ("{{ call | default }}", "can't be used"),
        ("{{ call | date(1) }}", "can't be used"),
        ("{{ call | upper(1) }}", "can't be used"),
        ("{{ call call }}", "expected }}"),
        ("{{ request.json.a.__class__() }}", "expected }}"),
        ("{{ __import__('os') }}", "there is no"),
        ("{{ random(6, 1) }}", "lower first"),
        ("{{ request.path.x }}", "nothing in it"),
        ("{{ request.headers }}", "one name"),
        ("{{ request.json[true] }}", "index or a name"),
        ("{{ 1 + 1 }}", "unexpected"),
    ],
)
def test_what_is_refused_when_it_is_loaded(template: str, reason: str) -> None:
    with pytest.raises(StubError) as caught:
        compiled({"a": [template]}, "$.stubs[0].answers[0].json")
    assert caught.value.path == "$.stubs[0].answers[0].json.a[0]"
    assert reason in caught.value.reason


@pytest.mark.parametrize(
    ("template", "reason"),
    [
        ("{{ request.json.nope }}", "nothing there"),
        ("{{ request.json.s.upper }}", "nothing there"),
        ("{{ request.json.list[9] }}", "nothing there"),
        ("{{ request.query.nope }}", "nothing there"),
        ("{{ request.json.s | int }}", "no integer"),
        ("{{ request.json.o | float }}", "no number"),
        ("{{ '1e999' | float }}", "no number"),
        ("{{ '99999999999999999999' | int }}", "no integer"),
        ("{{ request.json.n | upper }}", "wants text"),
        ("{{ 1e300 | date }}", "no time"),
    ],
)
def test_what_has_no_value(template: str, reason: str, scene: Scene) -> None:
    with pytest.raises(Unrendered) as caught:
        render({"a": template}, scene)
    assert str(caught.value).startswith(f"$.json.a: {template}: ")
    assert reason in str(caught.value)


@given(st.text(alphabet="{} .|()[]\"'\\,abcrequst_0-\n", max_size=30))
def test_any_text_is_read_or_refused(text: str) -> None:
    with contextlib.suppress(StubError):
        compiled("{{" + text, "$")
