"""Lets people in whom an OpenID Connect provider vouches for: authorisation code with PKCE, state and nonce.

What is begun here travels through the browser sealed with the project's key and is good for some minutes; the
provider's answer counts only together with it. The ID token is believed only when the provider signed it, for us, for
this very attempt, with a public key of its own: never by a shared secret, and never unsigned.
"""

from __future__ import annotations

import base64
import hmac
import json
import secrets
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any, cast
from urllib.parse import urlsplit

from dryland.access.keys import derived, is_same
from dryland.access.person import ROLES, Person
from dryland.errors import ConfigError, SignInError, UsageError
from dryland.project.access_rules import Oidc
from dryland.values import dataclass

ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"]
GOOD_FOR = timedelta(minutes=10)
LEEWAY_S = 60  # between the provider's clock and ours
TIMEOUT_S = 10.0
MISSING = 'pip install "dryland[oidc]"'
LOOPBACK = ("127.0.0.1", "::1", "localhost")


@dataclass(frozen=True, slots=True)
class Begun:
    """What the browser is sent to, and what it keeps meanwhile in a cookie that scripts do not see."""

    url: str
    sealed: str


@dataclass(frozen=True, slots=True)
class Provider:
    """One provider; `clock` gives naive UTC."""

    settings: Oidc
    key: bytes
    clock: Callable[[], datetime]

    def begin(self, redirect_uri: str) -> Begun:
        """Begin to sign somebody in.

        Raises:
            ConfigError: the provider is not reached by https, or does not say who it is.
        """
        state, nonce, verifier = (secrets.token_urlsafe(32) for _ in range(3))
        with self._client(redirect_uri) as client:
            url, _ = client.create_authorization_url(
                self._described("authorization_endpoint"), state=state, nonce=nonce, code_verifier=verifier
            )
        kept = {
            "state": state, "nonce": nonce, "verifier": verifier, "redirect_uri": redirect_uri,
            "until": (self.clock() + GOOD_FOR).isoformat(),
        }  # fmt: skip
        return Begun(str(url), self._sealed(kept))

    def finish(self, sealed: str, answer: Mapping[str, str]) -> Person:
        """Who came back from the provider, with the parameters of his address and what his browser kept.

        Raises:
            SignInError: he was not sent there by us, it was too long ago, or the provider does not vouch for him.
        """
        kept = self._opened(sealed)
        if answer.get("error"):
            raise SignInError(f"the provider refuses: {str(answer['error'])[:100]}.")
        is_ours = is_same(kept["state"], answer.get("state", "")) and self.clock().isoformat() < kept["until"]
        if not is_ours or not answer.get("code") or answer.get("iss", self.settings.issuer) != self.settings.issuer:
            raise SignInError("this sign-in was not begun here, or too long ago: begin again.")
        claims = self._claims(kept, answer["code"])
        if not is_same(str(claims.get("nonce", "")), kept["nonce"]):
            raise SignInError("the provider's answer is not to this attempt: begin again.")
        return self.person(claims)

    def person(self, claims: Mapping[str, Any]) -> Person:
        """Who somebody is here.

        Raises:
            SignInError: he has no name, an e-mail address that is not verified, or no role.
        """
        settings = self.settings
        name = str(claims.get(settings.name_claim) or "").strip().lower()
        if not name or (settings.name_claim == "email" and claims.get("email_verified") is False):
            raise SignInError("the provider does not say who you are.")
        said = claims.get(settings.roles_claim) or ()
        groups = tuple(str(each) for each in ([said] if isinstance(said, str) else said))
        meant = {settings.roles[group] for group in groups if group in settings.roles}
        roles = tuple(role for role in ROLES if role in meant) or tuple(
            role for role in (settings.default_role,) if role is not None
        )
        if not roles:
            raise SignInError("nothing of what the provider says of you is a role here.", hint="ask an administrator.")
        return Person(name, roles, groups, via="session")

    def _claims(self, kept: Mapping[str, str], code: str) -> Mapping[str, Any]:
        """What the ID token says, when it is to be believed."""
        import httpx2
        from authlib.common.errors import AuthlibBaseError
        from joserfc import jwt
        from joserfc.errors import JoseError
        from joserfc.jwk import KeySet

        try:
            with self._client(kept["redirect_uri"]) as client:
                endpoint = self._described("token_endpoint")
                answer = client.fetch_token(endpoint, code=code, code_verifier=kept["verifier"])
            keys = KeySet.import_key_set(self._fetched(self._described("jwks_uri")))
            token = jwt.decode(str(answer["id_token"]), keys, algorithms=ALGORITHMS)
            self._verify_claims(token.claims)
        except (httpx2.HTTPError, AuthlibBaseError, JoseError, KeyError, ValueError, TypeError):
            raise SignInError("the provider does not vouch for you: begin again.") from None
        return cast(Mapping[str, Any], token.claims)

    def _verify_claims(self, claims: Mapping[str, Any]) -> None:
        """By this provider, for us, and for now.

        Raises:
            ValueError: they are not.
        """
        audience = claims["aud"] if isinstance(claims["aud"], list) else [claims["aud"]]
        now = (self.clock() - datetime(1970, 1, 1)).total_seconds()  # noqa: DTZ001 - both are naive UTC
        is_for_us = self.settings.client_id in audience and claims.get("azp", self.settings.client_id) == (
            self.settings.client_id
        )
        is_now = float(claims["exp"]) > now - LEEWAY_S and float(claims["iat"]) < now + LEEWAY_S
        if claims["iss"] != self.settings.issuer or not is_for_us or not is_now or not claims["sub"]:
            raise ValueError("not these claims")

    def _described(self, what: str) -> str:
        """An address of the provider, as it says itself."""
        described = self._fetched(f"{self.settings.issuer.rstrip('/')}/.well-known/openid-configuration")
        if described.get("issuer") != self.settings.issuer:
            raise ConfigError(
                f"the provider calls itself `{str(described.get('issuer'))[:200]}`, not `{self.settings.issuer}`.",
                path="dryland.yml", hint="`access.oidc.issuer` is what it calls itself, to the letter.",
            )  # fmt: skip
        return _safe(str(described.get(what) or ""))

    def _fetched(self, url: str) -> Any:
        import httpx2

        try:
            answer = httpx2.get(_safe(url), timeout=TIMEOUT_S, follow_redirects=False)
            answer.raise_for_status()
            return answer.json()
        except (httpx2.HTTPError, ValueError):
            raise SignInError("the provider cannot be reached now.") from None

    def _client(self, redirect_uri: str) -> Any:
        try:
            from authlib.integrations.httpx_client import OAuth2Client
        except ImportError as error:
            raise UsageError("OpenID Connect needs Authlib, which is not installed.", hint=MISSING) from error
        settings = self.settings
        method = "client_secret_basic" if settings.client_secret else "none"
        return OAuth2Client(
            settings.client_id, settings.client_secret or None, scope=" ".join(settings.scopes),
            redirect_uri=redirect_uri, code_challenge_method="S256", timeout=TIMEOUT_S,
            token_endpoint_auth_method=method,
        )  # fmt: skip

    def _sealed(self, kept: Mapping[str, str]) -> str:
        body = base64.urlsafe_b64encode(json.dumps(dict(kept)).encode()).decode()
        return f"{body}.{self._seal(body)}"

    def _opened(self, sealed: str) -> dict[str, str]:
        body, _, seal = sealed.rpartition(".")
        if not body or not is_same(self._seal(body), seal):
            raise SignInError("this sign-in was not begun here, or too long ago: begin again.")
        return cast(dict[str, str], json.loads(base64.urlsafe_b64decode(body)))

    def _seal(self, body: str) -> str:
        return hmac.new(derived(self.key, "sealed"), body.encode(), "sha256").hexdigest()


def _safe(url: str) -> str:
    """An address that nobody on the way reads; only on this very machine may it be plain http.

    Raises:
        ConfigError: it is none.
    """
    parts = urlsplit(url)
    if parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in LOOPBACK):
        return url
    raise ConfigError(f"the provider's address `{url[:200]}` is not https.", path="dryland.yml")
