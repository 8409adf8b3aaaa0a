"""Status and text of what goes wrong (bridge_tinyllm_ollama.md C3)."""

from typing import Any

import pytest

from mock.ollama.conftest import Mock

_MESSAGES = [{"role": "user", "content": "hi"}]
_POSTS = [
    "/api/generate",
    "/api/chat",
    "/api/embed",
    "/api/embeddings",
    "/api/show",
    "/api/pull",
    "/api/push",
    "/api/create",
    "/api/copy",
]


@pytest.mark.parametrize("path", _POSTS)
@pytest.mark.parametrize("stream", [True, False])
def test_no_body(mock: Mock, path: str, stream: bool) -> None:
    told = mock.ask("POST", path)
    assert (told.status, told.json) == (400, {"error": "missing request body"})
    assert told.kind.startswith("application/json")


@pytest.mark.parametrize(
    ("path", "body", "status", "text"),
    [
        ("generate", {"model": "nope", "prompt": "x"}, 404, "model 'nope' not found"),
        ("chat", {"model": "nope", "messages": _MESSAGES}, 404, "model 'nope' not found"),
        ("show", {"model": "nope"}, 404, "model 'nope' not found"),
        ("embed", {"model": "nope", "input": "x"}, 404, 'model "nope" not found, try pulling it first'),
        ("embeddings", {"model": "nope", "prompt": "x"}, 404, 'model "nope" not found, try pulling it first'),
        ("copy", {"source": "nope", "destination": "b"}, 404, 'model "nope" not found'),
        ("generate", {"prompt": "x"}, 404, "model '' not found"),
        ("generate", {"model": None}, 404, "model '' not found"),
        ("embed", {"input": "x"}, 404, "model '' not found"),
        ("chat", {"messages": _MESSAGES}, 400, "model is required"),
        ("embeddings", {}, 400, "model is required"),
        ("push", {}, 400, "model is required"),
        ("show", {"name": ""}, 400, "model is required"),
        ("pull", {}, 400, "invalid model name"),
        ("create", {"from": "b"}, 400, "invalid model name"),
        ("generate", {"model": "a b"}, 400, "invalid model name"),
        ("chat", {"model": "a b"}, 400, "invalid model name"),
        ("embed", {"model": "a b"}, 400, "invalid model name"),
        ("pull", {"model": "a b"}, 400, "invalid model name"),
        ("copy", {"source": "a b", "destination": "b"}, 400, 'source "a b" is invalid'),
        ("copy", {"source": "phi3:mini", "destination": ""}, 400, 'destination "" is invalid'),
        ("create", {"model": "m"}, 400, "neither 'from' or 'files' was specified"),
        ("generate", {"model": "nope", "top_logprobs": 21}, 400, "top_logprobs must be between 0 and 20"),
        ("chat", {"model": "phi3:mini", "top_logprobs": -1}, 400, "top_logprobs must be between 0 and 20"),
        (
            "generate",
            {"model": "phi3:mini", "prompt": "x", "raw": True, "system": "s"},
            400,
            "raw mode does not support template, system, or context",
        ),
        (
            "generate",
            {"model": "phi3:mini", "prompt": "x", "think": True},
            400,
            '"phi3:mini" does not support thinking',
        ),
        ("chat", {"model": "phi3:mini", "think": "low"}, 400, '"phi3:mini" does not support thinking'),
        ("generate", {"model": "nomic-embed-text"}, 400, '"nomic-embed-text" does not support generate'),
        ("chat", {"model": "nomic-embed-text"}, 400, '"nomic-embed-text" does not support chat'),
        (
            "chat",
            {"model": "phi3:mini", "tools": [{"type": "function", "function": {"name": "f"}}]},
            400,
            "registry.ollama.ai/library/phi3:mini does not support tools",
        ),
        (
            "generate",
            {"model": "phi3:mini", "prompt": "x", "suffix": "y"},
            400,
            "registry.ollama.ai/library/phi3:mini does not support insert",
        ),
        ("embed", {"model": "phi3:mini", "input": 1}, 400, "invalid input type"),
        ("embed", {"model": "phi3:mini", "input": [1]}, 400, "invalid input type"),
        ("embed", {"model": "phi3:mini", "input": {}}, 400, "invalid input type"),
        (
            "generate",
            {"model": "phi3:mini", "think": "x"},
            400,
            'invalid think value: "x" (must be "high", "medium", "low", "max", true, or false)',
        ),
        (
            "chat",
            {"think": 1},
            400,
            'think must be a boolean or string ("high", "medium", "low", "max", true, or false)',
        ),
        ("generate", {"keep_alive": True}, 400, "Unsupported type: 'bool'"),
        ("generate", {"keep_alive": []}, 400, "Unsupported type: '[]interface {}'"),
        ("generate", {"model": "phi3:mini", "keep_alive": "5"}, 400, 'time: missing unit in duration "5"'),
        (
            "generate",
            {"model": 1},
            400,
            "json: cannot unmarshal number into Go struct field GenerateRequest.model of type string",
        ),
        (
            "generate",
            {"stream": "yes"},
            400,
            "json: cannot unmarshal string into Go struct field GenerateRequest.stream of type bool",
        ),
        (
            "chat",
            {"messages": [{"role": "user", "content": 3}]},
            400,
            "json: cannot unmarshal number into Go struct field Message.messages.content of type string",
        ),
        (
            "chat",
            {"messages": "hi"},
            400,
            "json: cannot unmarshal string into Go struct field ChatRequest.messages of type []api.Message",
        ),
        ("generate", {"options": {"seed": "a"}}, 500, 'option "seed" must be of type integer'),
        ("generate", {"options": {"stop": "a"}}, 500, 'option "stop" must be of type array'),
        ("generate", {"images": ["AQ=@"]}, 400, "illegal base64 data at input byte 3"),
        (
            "generate",
            {"model": "phi3:mini", "prompt": "x", "format": "xml"},
            500,
            'invalid format: "\\"xml\\""; expected "json" or a valid JSON Schema object',
        ),
    ],
)
@pytest.mark.parametrize("stream", [True, False])
def test_native(mock: Mock, path: str, body: dict[str, Any], status: int, text: str, stream: bool) -> None:
    more = {"stream": stream} if path in ("generate", "chat", "pull", "push", "create") and "stream" not in body else {}
    told = mock.post(f"/api/{path}", body | more)
    assert (told.status, told.json) == (status, {"error": text})
    assert told.kind.startswith("application/json")


@pytest.mark.parametrize(
    ("body", "status", "text"),
    [
        ({"model": "nope"}, 404, "model 'nope' not found"),
        ({"name": ""}, 400, "model is required"),
        ({"name": "a b"}, 400, 'name "a b" is invalid'),
    ],
)
def test_delete(mock: Mock, body: dict[str, Any], status: int, text: str) -> None:
    told = mock.ask("DELETE", "/api/delete", body)
    assert (told.status, told.json) == (status, {"error": text})


@pytest.mark.parametrize(
    ("body", "text"),
    [
        (b"{x", "invalid character 'x' looking for beginning of object key string"),
        (b"nope", "invalid character 'o' in literal null (expecting 'u')"),
        (b'{"model":', "unexpected EOF"),
        (b"[]", "json: cannot unmarshal array into Go value of type api.GenerateRequest"),
        (b'"a"', "json: cannot unmarshal string into Go value of type api.GenerateRequest"),
    ],
)
def test_what_is_no_json(mock: Mock, body: bytes, text: str) -> None:
    told = mock.post("/api/generate", body)
    assert (told.status, told.json) == (400, {"error": text})


@pytest.mark.parametrize(
    ("path", "body", "status", "kind", "text"),
    [
        (
            "chat/completions",
            {"model": "phi3:mini", "messages": []},
            400,
            "invalid_request_error",
            "[] is too short - 'messages'",
        ),
        (
            "chat/completions",
            {"model": "nope", "messages": _MESSAGES},
            404,
            "not_found_error",
            "model 'nope' not found",
        ),
        (
            "chat/completions",
            {"model": "phi3:mini", "messages": _MESSAGES, "reasoning_effort": "huge"},
            400,
            "invalid_request_error",
            'invalid reasoning value: \'huge\' (must be "high", "medium", "low", or "none")',
        ),
        (
            "chat/completions",
            {"model": "phi3:mini", "messages": [{"role": "user", "content": None}]},
            400,
            "invalid_request_error",
            "invalid message content type: <nil>",
        ),
        (
            "chat/completions",
            {
                "model": "phi3:mini",
                "messages": [
                    {
                        "role": "user",
                        "content": [{"type": "image_url", "image_url": {"url": "https://example.com/a.png"}}],
                    }
                ],
            },
            400,
            "invalid_request_error",
            "invalid image input",
        ),
        ("completions", {"model": "nope", "prompt": "x"}, 404, "not_found_error", "model 'nope' not found"),
        (
            "completions",
            {"model": "phi3:mini", "prompt": 1},
            400,
            "invalid_request_error",
            "json: cannot unmarshal number into Go struct field CompletionRequest.prompt of type string",
        ),
        ("embeddings", {"model": "phi3:mini", "input": []}, 400, "invalid_request_error", "invalid input"),
        ("embeddings", {"model": "phi3:mini"}, 400, "invalid_request_error", "invalid input"),
        (
            "embeddings",
            {"model": "phi3:mini", "input": "x", "encoding_format": "hex"},
            400,
            "invalid_request_error",
            "Invalid value for 'encoding_format' = hex. Supported values: ['float', 'base64'].",
        ),
        (
            "embeddings",
            {"model": "nope", "input": "x"},
            404,
            "not_found_error",
            'model "nope" not found, try pulling it first',
        ),
    ],
)
def test_compatible(mock: Mock, path: str, body: dict[str, Any], status: int, kind: str, text: str) -> None:
    told = mock.post(f"/v1/{path}", body)
    assert told.json == {"error": {"message": text, "type": kind, "param": None, "code": None}}
    assert told.status == status
    assert told.kind.startswith("application/json")


def test_compatible_without_a_body(mock: Mock) -> None:
    told = mock.ask("POST", "/v1/chat/completions")
    assert (told.status, told.json["error"]["message"]) == (400, "EOF")
    told = mock.get("/v1/models/nope")
    assert (told.status, told.json["error"]["type"]) == (404, "not_found_error")


@pytest.mark.parametrize(
    ("verb", "path", "status", "text"),
    [
        ("GET", "/nowhere", 404, "404 page not found"),
        ("POST", "/v1/nowhere", 404, "404 page not found"),
        ("GET", "/api/generate", 405, "405 method not allowed"),
        ("POST", "/api/delete", 405, "405 method not allowed"),
        ("PUT", "/", 405, "405 method not allowed"),
    ],
)
def test_paths_and_methods_that_are_not_there(mock: Mock, verb: str, path: str, status: int, text: str) -> None:
    told = mock.ask(verb, path, {})
    assert (told.status, told.body.decode()) == (status, text)
    assert told.kind.startswith("text/plain")


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "127.0.0.1:5",
        "localhost:11434",
        "[::1]:8",
        "::1",
        "a.localhost",
        "me.local",
        "x.internal:1",
        ".".join(("10", "0", "0", "1")),
        ".".join("0000"),
    ],
)
def test_hosts_of_this_machine(mock: Mock, host: str) -> None:
    assert mock.ask("GET", "/api/version", host=host).status == 200


@pytest.mark.parametrize("host", ["example.com", "evil.com:11434", ".".join("8888"), "localhost.evil.com"])
def test_other_hosts(mock: Mock, host: str) -> None:
    told = mock.ask("GET", "/api/version", host=host)
    assert (told.status, told.body) == (403, b"")
    mock.configure(check_host=False)
    assert mock.ask("GET", "/api/version", host=host).status == 200


@pytest.mark.parametrize(
    ("said", "means"),
    [
        ({"num_predict": 3.9, "seed": 1.5}, {"num_predict": 3, "seed": 1}),
        ({"num_predict": 3.0, "seed": -1.5, "top_k": 1e30}, {"num_predict": 3, "seed": -1}),
        ({"num_predict": 3, "seed": 2**70}, {"num_predict": 3, "seed": -(2**63)}),
    ],
)
def test_numbers_of_options_are_converted_as_go_does(mock: Mock, said: Any, means: Any) -> None:
    body = {"model": "phi3:mini", "prompt": "Hello there", "stream": False}
    answers = [mock.post("/api/generate", body, options=options) for options in (said, means)]
    assert [told.status for told in answers] == [200, 200]
    first, second = [told.json | {"created_at": "", "total_duration": 0} for told in answers]
    assert first["eval_count"] == 3
    assert {**first, "load_duration": 0} == {**second, "load_duration": 0}
    values: list[Any] = ["1.5", True, [1], {}]
    for wrong in values:
        refused = mock.post("/api/generate", body, options={"seed": wrong})
        assert (refused.status, refused.json) == (500, {"error": 'option "seed" must be of type integer'})


@pytest.mark.parametrize(
    ("verb", "path", "body", "kind"),
    [
        ("GET", "/api/tags", None, "application/json; charset=utf-8"),
        ("POST", "/api/show", {"model": "phi3:mini"}, "application/json; charset=utf-8"),
        ("POST", "/api/show", {"model": "nope"}, "application/json; charset=utf-8"),
        ("POST", "/api/generate", {"model": "phi3:mini"}, "application/json; charset=utf-8"),
        ("POST", "/api/generate", {"model": 3}, "application/json; charset=utf-8"),
        ("POST", "/api/generate", {"model": "phi3:mini", "prompt": "a"}, "application/x-ndjson"),
        ("POST", "/api/generate", {"model": "phi3:mini", "prompt": "a", "stream": False},
         "application/json; charset=utf-8"),
        ("GET", "/v1/models", None, "application/json"),
        ("POST", "/v1/embeddings", {"model": "nope", "input": "a"}, "application/json"),
        ("POST", "/v1/embeddings", {"model": 3}, "application/json"),
    ],
)  # fmt: skip
def test_content_types(mock: Mock, verb: str, path: str, body: Any, kind: str) -> None:
    assert mock.ask(verb, path, body).kind == kind
