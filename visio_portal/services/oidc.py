"""A real OpenID Connect provider for the demonstration and the tests: ``python -m visio_portal.services.oidc``.

The protocol's engine is oidc-provider-mock; this module gives it ProConnect's ways: addresses under
``/api/v2``, registered clients alone, state and nonce of at least 32 characters, no unknown parameter, claims
by scope, userinfo as a signed JWT, ``amr`` in the ID token only where it is asked for, a second factor where
``acr`` demands one, and a logout that checks the ID token and the return address. People are chosen with one
click instead of a password; everything else is the authorization-code flow that a real provider would follow.
"""

import argparse
import json
import logging
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any, cast
from urllib.parse import parse_qs, urlencode, urlsplit

import flask
import jwt
import oidc_provider_mock
from authlib.integrations.flask_oauth2 import current_token
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from oidc_provider_mock import _storage as mock_storage  # clients with fixed credentials have no public way
from werkzeug.serving import make_server
from werkzeug.wrappers import Response

from visio_portal.demonstration.people import ROLE_NAMES, Person, load_people, load_tenants
from visio_portal.services.dsfr import dsfr_folder

BASE = "/api/v2"
SCOPES = ("openid", "given_name", "usual_name", "email", "uid", "siret", "idp_id")
REQUIRED = frozenset(["response_type", "client_id", "redirect_uri", "scope", "state", "nonce"])
OPTIONAL = frozenset(["claims", "prompt", "login_hint", "idp_hint"])
SECRET_SIZE = 32  # characters, at least, in state and nonce
TOKEN_AGE_S = 60
SECOND_FACTOR_LEVELS = frozenset(
    {
        "eidas2",
        "eidas3",
        "https://proconnect.gouv.fr/assurance/self-asserted-2fa",
        "https://proconnect.gouv.fr/assurance/consistency-checked-2fa",
    }
)
NO_ORGANISATION = "Organisme inconnu du portail"


@dataclass(frozen=True, kw_only=True)
class Client:
    """The one relying party: its credentials, and the portal's origins, whose addresses are accepted."""

    id: str
    secret: str
    origins: tuple[str, ...]

    @property
    def redirect_uris(self) -> list[str]:
        return [f"{origin}/oidc/callback/" for origin in self.origins]

    @property
    def post_logout_redirect_uris(self) -> list[str]:
        return [f"{origin}/oidc/signed-out/" for origin in self.origins]


@dataclass(frozen=True)
class Wanted:
    """What the ``claims`` parameter asks of the ID token (OpenID Connect Core, section 5.5)."""

    amr: bool
    second_factor: bool

    @classmethod
    def parse(cls, text: str) -> "Wanted":
        """Raise ValueError where the parameter is not a JSON object of objects."""
        claims = json.loads(text or "{}")
        if not isinstance(claims, dict) or not isinstance(claims.get("id_token", {}), dict):
            raise ValueError("claims must be a JSON object")
        asked = claims.get("id_token", {})
        acr = asked.get("acr") or {}
        levels = set(acr.get("values", [])) | {acr.get("value")}
        is_demanded = bool(acr.get("essential")) and not levels.isdisjoint(SECOND_FACTOR_LEVELS)
        return cls(amr="amr" in asked, second_factor=is_demanded)


@dataclass(frozen=True)
class Issued:
    """What one authorization code stands for, beyond what the engine remembers."""

    person: Person
    amr: tuple[str, ...]
    wanted: Wanted


@dataclass
class Provider:
    client: Client
    people: dict[str, Person]
    key: rsa.RSAPrivateKey
    issued: dict[str, Issued] = field(default_factory=dict)

    @property
    def jwk(self) -> dict[str, Any]:
        public: dict[str, Any] = jwt.algorithms.RSAAlgorithm.to_jwk(self.key.public_key(), as_dict=True)
        return {**public, "kid": "demonstration", "use": "sig", "alg": "RS256"}

    def sign(self, claims: dict[str, Any]) -> str:
        return jwt.encode(claims, self.key, algorithm="RS256", headers={"kid": "demonstration"})

    def problem(self, query: dict[str, str]) -> str | None:
        """Return why ProConnect would refuse an authorization request, or nothing."""
        if unknown := set(query) - REQUIRED - OPTIONAL:
            return f"Paramètre inconnu : {', '.join(sorted(unknown))}"
        if query.get("client_id") != self.client.id:
            return "client_id inconnu"
        if query.get("redirect_uri") not in self.client.redirect_uris:
            return "redirect_uri n'est pas enregistrée"
        if query.get("response_type") != "code":
            return "response_type doit être « code »"
        for name in ("state", "nonce"):
            if len(query.get(name, "")) < SECRET_SIZE:
                return f"{name} doit compter au moins {SECRET_SIZE} caractères"
        scopes = query.get("scope", "").split()
        if "openid" not in scopes or not set(scopes) <= set(SCOPES):
            return "scope inconnu, ou openid manquant"
        try:
            Wanted.parse(query.get("claims", ""))
        except ValueError:
            return "claims n'est pas un objet JSON"
        return None


def provider_app(*, client: Client, people: Sequence[Person], key: rsa.RSAPrivateKey) -> flask.Flask:
    """Return the provider as a WSGI application; with plain HTTP it needs AUTHLIB_INSECURE_TRANSPORT=1."""
    provider = Provider(client=client, people={person.key: person for person in people}, key=key)
    app = flask.Flask(
        __name__,
        template_folder="oidc_templates",
        static_folder=dsfr_folder(),
        static_url_path="/dsfr",
    )
    plain_wsgi_app = app.wsgi_app
    oidc_provider_mock.init_app(
        app,
        require_client_registration=True,
        require_nonce=True,
        issue_refresh_token=False,
        access_token_max_age=timedelta(seconds=TOKEN_AGE_S),
        user_claims=[oidc_provider_mock.User(sub=person.key) for person in people],
    )
    # The engine switches a debugger on; nothing of it is kept, nor any address but those added here.
    app.debug = False
    app.wsgi_app = plain_wsgi_app  # type: ignore[method-assign]
    engine = {
        name: app.view_functions[f"oidc-provider-mock.{name}"] for name in ("authorize", "issue_token", "userinfo")
    }
    app.before_request(lambda: _admit(provider))
    app.after_request(lambda response: _protect(provider, response))
    app.context_processor(lambda: {"organisations": _organisations(people), "role_names": ROLE_NAMES})
    _add_addresses(app, provider, engine)
    return app


def _add_addresses(app: flask.Flask, provider: Provider, engine: dict[str, Callable[..., Any]]) -> None:
    def add(path: str, name: str, view: Callable[[], Any], *methods: str) -> None:
        app.add_url_rule(path, name, view, methods=list(methods))

    add(f"{BASE}/authorize", "authorize", lambda: _authorize(provider, engine["authorize"]), "GET", "POST")
    add(f"{BASE}/token", "token", lambda: _token(provider, engine["issue_token"]), "POST")
    add(f"{BASE}/userinfo", "userinfo", lambda: _userinfo(provider, engine["userinfo"]), "GET")
    add(f"{BASE}/session/end", "end_session", lambda: _end_session(provider), "GET")
    add(f"{BASE}/jwks", "jwks", lambda: {"keys": [provider.jwk]}, "GET")
    add(f"{BASE}/.well-known/openid-configuration", "discovery", _discovery, "GET")
    add("/health", "health", lambda: {"status": "ok"}, "GET")
    add("/", "home", lambda: flask.redirect(provider.client.origins[0]), "GET")


def _admit(provider: Provider) -> Response | None:
    """Let through our own addresses alone, with the client known to the engine's storage."""
    if flask.request.blueprint is not None:
        flask.abort(404)
    mock_storage.storage.store_client(
        mock_storage.Client(
            id=provider.client.id,
            secret=provider.client.secret,
            redirect_uris=provider.client.redirect_uris,
            allowed_scopes=SCOPES,
            token_endpoint_auth_method=mock_storage.ClientAllowAny(),
        )
    )
    return None


def _protect(provider: Provider, response: flask.Response) -> flask.Response:
    # The form's answer is a redirection to the portal: browsers apply form-action to it as well.
    form_targets = " ".join(("'self'", *provider.client.origins))
    response.headers["Content-Security-Policy"] = (
        "default-src 'none'; style-src 'self'; font-src 'self'; img-src 'self' data:; "
        f"base-uri 'none'; frame-ancestors 'none'; form-action {form_targets}"
    )
    response.headers["Referrer-Policy"] = "no-referrer"
    if flask.request.endpoint != "static":
        response.headers["Cache-Control"] = "no-store"
    return response


def _authorize(provider: Provider, engine_view: Callable[[], Any]) -> Any:
    query = flask.request.args.to_dict()
    if problem := provider.problem(query):
        return _error_page(problem)
    if query.get("prompt") == "none":
        return _refuse(query, "login_required", "No session is kept here.")
    if flask.request.method == "GET":
        return engine_view()
    if flask.request.form.get("action") == "deny":
        return _refuse(query, "access_denied", "User auth aborted")
    person = provider.people.get(flask.request.form.get("sub", ""))
    if person is None:
        return _error_page("Personne inconnue")
    wanted, amr = Wanted.parse(query.get("claims", "")), person.amr
    if wanted.second_factor and not person.has_second_factor:
        if person.amr_on_request is None:
            return _refuse(query, "access_denied", "requested ACRs could not be satisfied")
        if flask.request.form.get("second_factor") != "given":
            return flask.render_template("second_factor.html", person=person)
        amr = person.amr_on_request
    response = flask.make_response(engine_view())
    for code in parse_qs(urlsplit(response.headers.get("Location", "")).query).get("code", []):
        provider.issued[code] = Issued(person, amr, wanted)
    return response


def _token(provider: Provider, engine_view: Callable[[], Any]) -> Any:
    """Answer as the engine does, with an ID token that says what ProConnect says."""
    response = flask.make_response(engine_view())
    issued = provider.issued.pop(flask.request.form.get("code", ""), None)
    if response.status_code != 200 or issued is None:
        return response
    body = response.get_json()
    engine_claims = jwt.decode(body["id_token"], options={"verify_signature": False})
    kept = ("aud", "iat", "exp", "auth_time", "nonce", "at_hash")
    claims: dict[str, Any] = {name: engine_claims[name] for name in kept if name in engine_claims}
    has_second_factor = "mfa" in issued.amr
    claims |= {"iss": _issuer(), "sub": issued.person.sub, "acr": "eidas2" if has_second_factor else "eidas1"}
    if issued.wanted.amr:
        claims["amr"] = list(issued.amr)
    return flask.jsonify({**body, "id_token": provider.sign(claims)})


def _userinfo(provider: Provider, engine_view: Callable[[], Any]) -> flask.Response:
    engine_view()  # answers 401 by itself where the access token is unknown or too old
    person = provider.people[current_token.get_user().sub]
    claims = {name: getattr(person, name) for name in current_token.get_scope().split() if name != "openid"}
    issued_at = int(current_token.expires_at.timestamp()) - TOKEN_AGE_S
    claims |= {"sub": person.sub, "iss": _issuer(), "aud": provider.client.id}
    claims |= {"iat": issued_at, "exp": issued_at + TOKEN_AGE_S}
    return flask.Response(provider.sign(claims), mimetype="application/jwt")


def _end_session(provider: Provider) -> Any:
    query = flask.request.args
    try:
        jwt.decode(
            query.get("id_token_hint", ""),
            provider.key.public_key(),
            algorithms=["RS256"],
            audience=provider.client.id,
            options={"verify_exp": False},
        )
    except jwt.InvalidTokenError:
        return _error_page("id_token_hint n'est pas un jeton de ce fournisseur")
    target = query.get("post_logout_redirect_uri", "")
    if target not in provider.client.post_logout_redirect_uris:
        return _error_page("post_logout_redirect_uri n'est pas enregistrée")
    if len(query.get("state", "")) < SECRET_SIZE:
        return _error_page(f"state doit compter au moins {SECRET_SIZE} caractères")
    return flask.redirect(f"{target}?{urlencode({'state': query['state']})}", code=303)


def _discovery() -> dict[str, Any]:
    issuer = _issuer()
    return {
        "issuer": issuer,
        "authorization_endpoint": f"{issuer}/authorize",
        "token_endpoint": f"{issuer}/token",
        "userinfo_endpoint": f"{issuer}/userinfo",
        "end_session_endpoint": f"{issuer}/session/end",
        "jwks_uri": f"{issuer}/jwks",
        "response_types_supported": ["code"],
        "scopes_supported": list(SCOPES),
        "subject_types_supported": ["public"],
        "claims_parameter_supported": True,
        "id_token_signing_alg_values_supported": ["RS256"],
        "userinfo_signing_alg_values_supported": ["RS256"],
    }


def _issuer() -> str:
    return flask.request.host_url.rstrip("/") + BASE


def _refuse(query: dict[str, str], error: str, description: str) -> Response:
    answer = urlencode({"error": error, "error_description": description, "state": query["state"]})
    return flask.redirect(f"{query['redirect_uri']}?{answer}")


def _error_page(description: str) -> tuple[str, int]:
    return flask.render_template("error.html", name="Demande refusée", description=description), 400


def _organisations(people: Sequence[Person]) -> list[tuple[str, list[Person]]]:
    """Group people under the names of their (first) organisations, in the data file's order."""
    names = {tenant["slug"]: tenant["name"] for tenant in load_tenants()}
    groups: dict[str, list[Person]] = {name: [] for name in (*names.values(), NO_ORGANISATION)}
    for person in people:
        name = names[person.memberships[0].tenant] if person.memberships else NO_ORGANISATION
        groups[name].append(person)
    return [(name, members) for name, members in groups.items() if members]


def signing_key(path: Path | None) -> rsa.RSAPrivateKey:
    """Read the RSA key at ``path``, or make one (and keep it there, readable by its owner alone)."""
    if path is not None and path.exists():
        return cast(rsa.RSAPrivateKey, serialization.load_pem_private_key(path.read_bytes(), password=None))
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    if path is not None:
        pem = key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(pem)
    return key


def main(arguments: Sequence[str] | None = None) -> None:
    """Serve the provider on 127.0.0.1 until the process is told to stop."""
    parser = argparse.ArgumentParser(prog="python -m visio_portal.services.oidc", description=main.__doc__)
    parser.add_argument("--port", type=int, default=9400, help="0 takes a free one (default: 9400)")
    parser.add_argument("--portal-url", action="append", help="origin of the portal; may be repeated")
    parser.add_argument("--key-file", type=Path, help="keeps the signing key, so that sessions outlive a restart")
    options = parser.parse_args(arguments)
    origins = [url.rstrip("/") for url in options.portal_url or ["http://127.0.0.1:8000", "http://localhost:8000"]]
    client = Client(
        id=os.environ.get("OIDC_RP_CLIENT_ID", "visio-portal"),
        secret=os.environ["OIDC_RP_CLIENT_SECRET"],
        origins=tuple(origins),
    )
    os.environ["AUTHLIB_INSECURE_TRANSPORT"] = "1"  # plain HTTP, and on the loopback address alone
    logging.getLogger("werkzeug").setLevel(logging.WARNING)  # its access log would hold codes and tokens
    app = provider_app(client=client, people=load_people(), key=signing_key(options.key_file))
    server = make_server("127.0.0.1", options.port, app, threaded=True)
    print(f"http://127.0.0.1:{server.server_port}{BASE}", flush=True)  # noqa: T201 -- the address, for who started it
    server.serve_forever()


if __name__ == "__main__":
    main()
