"""Which tool is called, and with what."""

import re

import jsonschema
import pytest

from mock.ollama import language, tools

_ADD = tools.Offer(
    "add_two_numbers",
    "Add two numbers",
    {"type": "object", "required": ["a", "b"], "properties": {"a": {"type": "integer"}, "b": {"type": "integer"}}},
)
_WEATHER = tools.Offer(
    "getWeather",
    "Weather of a city",
    {
        "type": "object",
        "required": ["city"],
        "properties": {"city": {"type": "string"}, "unit": {"enum": ["celsius", "fahrenheit"]}},
    },
)


def _chosen(prompt: str, *offers: tools.Offer) -> list[tools.Wanted]:
    return tools.choose(offers or (_ADD, _WEATHER), prompt, language.source(prompt))


@pytest.mark.parametrize(
    ("prompt", "calls"),
    [
        ("Please use add_two_numbers on 3 and 4.", [("add_two_numbers", {"a": 3, "b": 4})]),
        ("What is the weather in Paris today?", [("getWeather", {"city": "Paris"})]),
        ('Weather of "New York", unit fahrenheit', [("getWeather", {"city": "New York", "unit": "fahrenheit"})]),
        ("Add the number 5 to 6", [("add_two_numbers", {"a": 5, "b": 6})]),
        ("getWeather in Rome, then add_two_numbers", ["getWeather", "add_two_numbers"]),
        ("Tell me a story", []),
        ("getWeatherForecast", [("getWeather", None)]),
    ],
)
def test_choose(prompt: str, calls: list[object]) -> None:
    found = _chosen(prompt)
    if calls and isinstance(calls[0], str):
        assert [each.name for each in found] == calls
    elif calls and isinstance(calls[0], tuple) and calls[0][1] is None:
        assert [each.name for each in found] == [calls[0][0]]
    else:
        assert [(each.name, each.arguments) for each in found] == calls


def test_arguments_fit_the_schema_and_ids_differ() -> None:
    found = _chosen("add_two_numbers and getWeather")
    for each, offer in zip(found, (_ADD, _WEATHER), strict=True):
        jsonschema.validate(each.arguments, offer.parameters)
        assert re.fullmatch(r"call_[a-z0-9]{8}", each.id)
    assert found[0].id != found[1].id


def test_a_tool_without_parameters() -> None:
    found = _chosen("ping!", tools.Offer("ping", "", {}))
    assert [(each.name, each.arguments) for each in found] == [("ping", {})]
