"""API keys, and the unsigned tokens that they are exchanged for. tinker.md section 3.9."""

from __future__ import annotations

import base64
import binascii
import zlib

from samewire_wire import WireError
from tinker.mock.v1.mock_wire import AuthRules, JwtClaims, JwtHeader
from tinker.v1 import auth_wire as wire

from mock.engine.backend import Call
from mock.engine.request import Request
from mock.tinker.refusal import refusal
from mock.tinker.state import State

_TOKEN = "eyJ"  # how every JSON object begins in base64
_LONGEST_S = 1e12  # that a token can be told to live, or to be dead
_OPEN = ("/api/v1/healthz", "/archives/")
_INVALID = {"WWW-Authenticate": 'Bearer error="invalid_token"'}


class Auth:
    def __init__(self, state: State) -> None:
        self.state = state

    @property
    def rules(self) -> AuthRules:
        return self.state.settings.now.auth or AuthRules()

    def admit(self, request: Request) -> None:
        """An expired token is refused even where none is asked for. Raises Refusal."""
        key = _key(request)
        if key.startswith(_TOKEN):
            claims = read_token(key)
            if claims is None:
                raise refusal(401, "The token can't be read", _INVALID)
            if claims.exp <= self.state.clock.now():
                raise refusal(401, "The token has expired", _INVALID)
            if claims.sub in self.state.revoked:
                raise refusal(401, "The API key of this token was revoked", _INVALID)
            return
        if key in self.state.revoked:
            raise refusal(401, "This API key was revoked")
        if not self.rules.required or request.path.startswith(_OPEN):
            return
        if not key:
            raise refusal(401, "Missing API key: send it as X-API-Key")
        if self.rules.keys and key not in self.rules.keys:
            raise refusal(401, "Invalid API key")

    def exchange(self, call: Call) -> wire.AuthTokenResponse:
        now = int(self.state.clock.now())
        claims = JwtClaims(
            iat=now,
            exp=now + int(max(-_LONGEST_S, min(_LONGEST_S, self.rules.jwt_lifetime_s or 3600))),
            sub=_subject(_key(call.request)),
            org_id=self.rules.org_id or "org-mock",
            email=self.rules.email or "mock@example.com",
        )
        parts = (JwtHeader(alg="none", typ="JWT").to_wire(), claims.to_wire())
        return wire.AuthTokenResponse(jwt=".".join(map(_encode, parts)) + ".")

    def describe(self, call: Call) -> wire.ApiKeyResponse:
        key = _key(call.request)
        if not key:
            raise refusal(401, "Missing API key: send it as X-API-Key")
        return wire.ApiKeyResponse(
            key_id=zlib.crc32(_subject(key).encode()),
            name="mock key",
            note="",
            details=wire.ApiKeyDetails(
                org_details=wire.ApiKeyOrgDetails(name=self.rules.org_id or "org-mock"),
                user_details=wire.ApiKeyUserDetails(email=self.rules.email or "mock@example.com"),
            ),
        )

    def revoke(self, call: Call) -> None:
        key = _key(call.request)
        if not key:
            raise refusal(401, "Missing API key: send it as X-API-Key")
        self.state.revoked |= {key, _subject(key)}


def read_token(token: str) -> JwtClaims | None:
    try:
        payload = token.split(".")[1]
        data = base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4))
        return JwtClaims.from_wire(data)
    except (IndexError, binascii.Error, ValueError, WireError):
        return None


def _key(request: Request) -> str:
    said = request.header(b"x-api-key")
    if said is None:
        scheme, _, said = (request.header(b"authorization") or b"").partition(b" ")
        if scheme.lower() != b"bearer":
            return ""
    return said.decode("latin-1").strip()


def _subject(key: str) -> str:
    if key.startswith(_TOKEN) and (claims := read_token(key)) is not None:
        return claims.sub
    return f"user-{zlib.crc32(key.encode()):08x}"


def _encode(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
