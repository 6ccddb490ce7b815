"""An OpenID Connect provider of the tests' own, on loopback: small, real, and as dishonest as a test wants it."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from joserfc import jwt
from joserfc.jwk import KeySet, RSAKey


@dataclass
class Stand:
    """Stands for a provider: what it knows, and what it lies about."""

    issuer: str = ""
    key: RSAKey = field(default_factory=lambda: RSAKey.generate_key(2048, {"kid": "1"}))
    stranger: RSAKey = field(default_factory=lambda: RSAKey.generate_key(2048, {"kid": "1"}))
    codes: dict[str, dict[str, str]] = field(default_factory=dict)
    claims: dict[str, Any] = field(default_factory=dict)  # instead of the honest ones
    lie: str = ""

    def sign_in(self, url: str) -> dict[str, str]:
        """What a browser brings back that was sent here, where somebody typed his password."""
        asked = {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}
        assert asked["response_type"] == "code" and asked["code_challenge_method"] == "S256"
        code = f"code-{len(self.codes)}"
        self.codes[code] = asked
        return {"code": code, "state": asked["state"], "iss": self.issuer}

    def token(self, form: dict[str, str]) -> dict[str, Any] | None:
        """A code, given once and to whoever has its verifier, is worth a token."""
        asked = self.codes.pop(form.get("code", ""), None)
        if asked is None or asked["redirect_uri"] != form.get("redirect_uri"):
            return None
        digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        if base64.urlsafe_b64encode(digest).rstrip(b"=").decode() != asked["code_challenge"]:
            return None
        honest = {
            "iss": self.issuer, "aud": asked["client_id"], "sub": "1", "nonce": asked["nonce"], "iat": 1_767_225_600,
            "exp": 1_767_229_200, "email": "Ana@Example.org", "email_verified": True, "groups": ["data", "staff"],
        }  # fmt: skip
        return {"access_token": "x", "token_type": "Bearer", "id_token": self._signed({**honest, **self.claims})}

    def _signed(self, claims: dict[str, Any]) -> str:
        if self.lie == "shared secret":  # the public key, taken for a secret
            body = f"{_part({'alg': 'HS256', 'kid': '1'})}.{_part(claims)}"
            seal = hmac.new(self.key.as_pem(private=False), body.encode(), "sha256").digest()
            return f"{body}.{base64.urlsafe_b64encode(seal).rstrip(b'=').decode()}"
        if self.lie == "unsigned":
            return f"{_part({'alg': 'none'})}.{_part(claims)}."
        key = self.stranger if self.lie == "stranger" else self.key
        return jwt.encode({"alg": "RS256", "kid": "1"}, claims, key)


def _part(value: dict[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


@contextmanager
def running() -> Iterator[Stand]:
    """A provider that answers."""
    provider = Stand()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            at = provider.issuer
            pages: dict[str, Any] = {
                "/.well-known/openid-configuration": {
                    "issuer": "http://127.0.0.1:1" if provider.lie == "issuer" else at,
                    "authorization_endpoint": f"{at}/authorize", "token_endpoint": f"{at}/token",
                    "jwks_uri": f"{at}/keys",
                },
                "/keys": KeySet([provider.key]).as_dict(private=False),
            }  # fmt: skip
            self._answer(200 if self.path in pages else 404, pages.get(self.path, {}))

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"])).decode()
            token = provider.token({name: values[0] for name, values in parse_qs(body).items()})
            self._answer(200 if token else 400, token or {"error": "invalid_grant"})

        def _answer(self, status: int, page: object) -> None:
            body = json.dumps(page).encode()
            self.send_response(status)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Quietly."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    provider.issuer = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield provider
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@pytest.fixture(scope="module")
def one_stand() -> Iterator[Stand]:
    """A provider for the tests of a file."""
    with running() as provider:
        yield provider


@pytest.fixture
def stand(one_stand: Stand) -> Stand:
    """The same, honest again."""
    one_stand.claims, one_stand.lie = {}, ""
    return one_stand
