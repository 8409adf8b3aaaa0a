"""The endpoint on uvicorn with uvloop and httptools, without logs: `asgi.py fastapi|starlette PORT REPLY`."""

from __future__ import annotations

import json
import sys
from typing import Any

import orjson
import uvicorn

MODEL, TIER = "tml-chat-1", "gold"


def starlette_app(reply: Any) -> Any:
    from starlette.applications import Starlette
    from starlette.requests import Request
    from starlette.responses import Response
    from starlette.routing import Route

    async def chat(request: Request) -> Response:
        body = orjson.loads(await request.body())
        if body["model"] == MODEL and body["user"]["tier"] == TIER:
            return Response(orjson.dumps(reply), media_type="application/json")
        return Response(b"{}", 404)

    return Starlette(routes=[Route("/v1/chat", chat, methods=["POST"])])


def fastapi_app(reply: Any) -> Any:
    from fastapi import FastAPI, HTTPException
    from pydantic import BaseModel

    class User(BaseModel):
        id: str
        tier: str

    class Message(BaseModel):
        role: str
        content: str

    class ChatRequest(BaseModel):
        model: str
        user: User
        messages: list[Message]
        temperature: float
        max_tokens: int
        request_id: str

    class ChatResponse(BaseModel):
        id: str
        model: str
        created: int
        message: Message
        finish_reason: str
        prompt_tokens: int
        completion_tokens: int

    app = FastAPI()
    # A local class in annotations that are texts is not found by name.
    ready = ChatResponse.model_validate(reply)

    async def chat(request: Any) -> Any:
        if request.model == MODEL and request.user.tier == TIER:
            return ready
        raise HTTPException(404)

    chat.__annotations__ = {"request": ChatRequest, "return": ChatResponse}
    app.post("/v1/chat")(chat)
    return app


if __name__ == "__main__":
    name, port, text = sys.argv[1:]
    made = {"fastapi": fastapi_app, "starlette": starlette_app}[name](json.loads(text))
    uvicorn.run(
        made, host="127.0.0.1", port=int(port), loop="uvloop", http="httptools", log_level="warning", access_log=False
    )
