"""A stand-in for Visio, for the demonstration and the tests: ``python -m visio_portal.services.visio``.

It speaks Visio's external API over real HTTP as suitenumerique/meet 1.27 does: the same addresses, bodies, statuses
and both shapes of errors, 20 rooms a page, a 403 to whoever has no role in a room. A room's page says that this is
where Visio would be; who enters and leaves there is told to the portal by LiveKit's webhooks.
"""

import argparse
import json
import logging
import os
import secrets
import time
import uuid
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, NoReturn

import flask
import httpx
from werkzeug.exceptions import HTTPException
from werkzeug.serving import make_server

from visio_portal.demonstration.people import load_people, load_tenants
from visio_portal.demonstration.visio import keys_of
from visio_portal.services import livekit
from visio_portal.services.dsfr import dsfr_folder

BASE = "/external-api/v1.0"
PAGE_SIZE = 20
TOKEN_LIFE_S = 3600
SCOPES = "rooms:list rooms:retrieve rooms:create"
ACCESS_LEVELS = ("public", "trusted", "restricted")
SLUG_LETTERS = "abcdefghijkmnopqrstuvwxyz"
PHONE_NUMBER = "+33 1 99 00 12 34"  # of the block that ARCEP keeps for fiction


@dataclass(frozen=True, kw_only=True)
class Application:
    """What one ministry's portal signs in with, and where LiveKit tells it what happens in rooms."""

    client_id: str
    client_secret: str
    domains: tuple[str, ...]
    webhook_url: str = ""
    livekit_key: str = ""
    livekit_secret: str = ""


@dataclass
class Room:
    """``present`` are those inside now: connection id to (identity, name, joined at)."""

    id: str
    slug: str
    owner: str
    client_id: str
    access_level: str
    configuration: dict[str, Any]
    pin_code: str
    session: str = ""
    present: dict[str, tuple[str, str, int]] = field(default_factory=dict)


@dataclass
class Visio:
    """``fault`` is answered to every call where it is set; ``provisional`` users have never signed in."""

    applications: dict[str, Application]
    users: set[str]
    provisional: set[str] = field(default_factory=set)
    rooms: dict[str, Room] = field(default_factory=dict)
    state_file: Path | None = None
    allows_public: bool = False
    has_telephony: bool = True
    fault: int = 0
    calls: list[tuple[str, str]] = field(default_factory=list)
    _tokens: dict[str, tuple[str, str, float]] = field(default_factory=dict)

    def read_state(self) -> None:
        """Bring the rooms of a former start back."""
        if self.state_file is not None and self.state_file.exists():
            self.rooms = {row["id"]: Room(**row) for row in json.loads(self.state_file.read_text())}

    def write_state(self) -> None:
        if self.state_file is not None:
            rows = [asdict(room) | {"present": {}, "session": ""} for room in self.rooms.values()]
            self.state_file.write_text(json.dumps(rows))

    def issue_token(self, email: str, client_id: str) -> str:
        token = secrets.token_urlsafe(32)
        self._tokens[token] = (email, client_id, time.time() + TOKEN_LIFE_S)
        return token

    def forget_tokens(self) -> None:
        self._tokens.clear()

    def bearer(self) -> tuple[str, str]:
        """Return the user and the application of the request's token; 401 without a valid one."""
        kind, _, token = flask.request.headers.get("Authorization", "").partition(" ")
        email, client_id, expires_at = self._tokens.get(token, ("", "", 0.0))
        if kind != "Bearer" or time.time() > expires_at:
            refuse(401, detail="Invalid token.")
        return email, client_id

    def room_by_slug(self, slug: str) -> Room:
        room = next((room for room in self.rooms.values() if room.slug == slug), None)
        if room is None:
            flask.abort(404)
        return room


def refuse(status: int, **body: Any) -> NoReturn:
    """Answer with an error in one of Visio's shapes."""
    flask.abort(flask.make_response(flask.jsonify(body), status))


def visio_app(visio: Visio) -> flask.Flask:
    """Return the stand-in as a WSGI application."""
    app = flask.Flask(__name__, template_folder="visio_templates", static_folder=dsfr_folder(), static_url_path="/dsfr")
    app.before_request(lambda: _admit(visio))
    app.register_error_handler(HTTPException, _error)

    def add(path: str, name: str, view: Callable[..., Any], *methods: str) -> None:
        app.add_url_rule(path, name, lambda **arguments: view(visio, **arguments), methods=list(methods))

    add(f"{BASE}/application/token/", "token", _token, "POST")
    add(f"{BASE}/rooms/", "rooms_list", _list_rooms, "GET")
    add(f"{BASE}/rooms/", "rooms_create", _create_room, "POST")
    add(f"{BASE}/rooms/<uuid:room_id>/", "rooms_detail", _get_room, "GET")
    add("/health", "health", lambda visio: {"status": "ok"}, "GET")
    add("/<slug>", "page", _page, "GET")
    add("/<slug>/enter", "enter", _enter, "POST")
    add("/<slug>/leave", "leave", _leave, "POST")
    return app


def _admit(visio: Visio) -> None:
    visio.calls.append((flask.request.method, flask.request.path))
    if visio.fault and flask.request.path.startswith(BASE):
        refuse(visio.fault, detail="A server error occurred.")
    if flask.request.path.startswith(BASE) and not flask.request.path.endswith("/"):
        refuse(404, detail="Not found.")  # Django's router knows no address without it


def _error(error: HTTPException) -> Any:
    if error.response is not None:
        return error.response
    return flask.jsonify(detail=error.description), error.code or 500


def _token(visio: Visio) -> Any:
    body = flask.request.get_json(silent=True) or {}
    missing = [name for name in ("client_id", "client_secret", "grant_type", "scope") if not body.get(name)]
    if missing:
        refuse(400, **{name: ["This field is required."] for name in missing})
    if body["grant_type"] != "client_credentials":
        refuse(400, grant_type=[f'"{body["grant_type"]}" is not a valid choice.'])
    application = visio.applications.get(str(body["client_id"]))
    if application is None or not secrets.compare_digest(application.client_secret, str(body["client_secret"])):
        refuse(401, detail="Invalid credentials")
    email = str(body["scope"]).lower()
    if "@" not in email:
        refuse(400, error="Scope should be a valid email address.")
    if email.rpartition("@")[2] not in application.domains:
        refuse(403, error="This application is not authorized for this email domain.")
    if email in visio.provisional:
        refuse(409, error="This user has never signed in.")
    if email not in visio.users:
        refuse(404, detail="User not found.")
    token = visio.issue_token(email, application.client_id)
    return {"access_token": token, "token_type": "Bearer", "expires_in": TOKEN_LIFE_S, "scope": SCOPES}


def _create_room(visio: Visio) -> Any:
    email, client_id = visio.bearer()
    body = flask.request.get_json(silent=True) or {}
    level = body.get("access_level", "trusted")
    if level not in ACCESS_LEVELS:
        refuse(400, access_level=[f'"{level}" is not a valid choice.'])
    if level == "public" and not visio.allows_public:
        refuse(400, access_level=["Public rooms are not allowed."])
    slug = "-".join("".join(secrets.choice(SLUG_LETTERS) for _ in range(size)) for size in (3, 4, 3))
    room = Room(
        id=str(uuid.uuid4()),
        slug=slug,
        owner=email,
        client_id=client_id,
        access_level=level,
        configuration=body.get("configuration") or {},
        pin_code=f"{secrets.randbelow(10**10):010}",
    )
    visio.rooms[room.id] = room
    visio.write_state()
    return flask.jsonify(_described(visio, room)), 201


def _list_rooms(visio: Visio) -> Any:
    email, _client_id = visio.bearer()
    rooms = [room for room in visio.rooms.values() if room.owner == email]
    page = flask.request.args.get("page", 1, type=int)
    part = rooms[(page - 1) * PAGE_SIZE : page * PAGE_SIZE]
    if page < 1 or (page > 1 and not part):
        refuse(404, detail="Invalid page.")
    address = f"{flask.request.host_url.rstrip('/')}{BASE}/rooms/?page="
    return {
        "count": len(rooms),
        "next": f"{address}{page + 1}" if page * PAGE_SIZE < len(rooms) else None,
        "previous": f"{address}{page - 1}" if page > 1 else None,
        "results": [_described(visio, room) for room in part],
    }


def _get_room(visio: Visio, room_id: uuid.UUID) -> Any:
    email, _client_id = visio.bearer()
    room = visio.rooms.get(str(room_id))
    if room is None:
        refuse(404, detail="No Room matches the given query.")
    if room.owner != email:
        refuse(403, detail="You do not have permission to perform this action.")
    return _described(visio, room)


def _described(visio: Visio, room: Room) -> dict[str, Any]:
    described: dict[str, Any] = {
        "id": room.id,
        "name": room.slug,
        "slug": room.slug,
        "access_level": room.access_level,
        "configuration": room.configuration,
        "url": f"{flask.request.host_url.rstrip('/')}/{room.slug}",
    }
    if visio.has_telephony:
        described["telephony"] = {
            "enabled": True,
            "phone_number": PHONE_NUMBER,
            "pin_code": room.pin_code,
            "default_country": "FR",
        }
    return described


def _page(visio: Visio, slug: str) -> Any:
    room = visio.room_by_slug(slug)
    connection = flask.request.args.get("connection", "")
    context = {"room": room, "connection": connection if connection in room.present else ""}
    return flask.render_template("room.html", **context)


def _enter(visio: Visio, slug: str) -> Any:
    room = visio.room_by_slug(slug)
    name = flask.request.form.get("name", "").strip()[:80] or "Invité"
    known = next((person for person in load_people() if person.full_name == name), None)
    if not room.present:
        room.session = f"RM_{secrets.token_hex(6)}"
        _tell(visio, room, "room_started")
    connection, now = f"PA_{secrets.token_hex(6)}", int(time.time())
    room.present[connection] = (known.sub if known else str(uuid.uuid4()), name, now)
    _tell(visio, room, "participant_joined", connection)
    return flask.redirect(f"/{slug}?connection={connection}", code=303)


def _leave(visio: Visio, slug: str) -> Any:
    room = visio.room_by_slug(slug)
    connection = flask.request.form.get("connection", "")
    if connection in room.present:
        _tell(visio, room, "participant_left", connection)
        del room.present[connection]
        if not room.present:
            _tell(visio, room, "room_finished")
    return flask.redirect(f"/{slug}", code=303)


def _tell(visio: Visio, room: Room, name: str, connection: str = "") -> None:
    """Send a webhook to the portal of the room's ministry; where it does not answer, nothing is lost but the news."""
    application = visio.applications[room.client_id]
    participant = None
    if connection:
        identity, person, joined_at = room.present[connection]
        participant = {"sid": connection, "identity": identity, "name": person, "joinedAt": str(joined_at)}
    event = livekit.room_event(name, room=room.id, session=room.session, participant=participant)
    try:
        livekit.send(event, to=application.webhook_url, key=application.livekit_key, secret=application.livekit_secret)
    except httpx.HTTPError as error:
        logging.getLogger(__name__).warning("The portal did not take %s: %s", name, type(error).__name__)


def demonstration(*, portal_url: str, secret: str, state_file: Path | None) -> Visio:
    """Return a Visio that knows the demonstration's people, with an application for each ministry."""
    people = load_people()
    applications = {}
    for tenant in load_tenants():
        keys = keys_of(tenant["slug"], secret)
        applications[keys.client_id] = Application(
            client_id=keys.client_id,
            client_secret=keys.client_secret,
            domains=tuple(row["domain"] for row in tenant["email_domains"]),
            webhook_url=f"{portal_url}/t/{tenant['slug']}/visio/webhook/",
            livekit_key=keys.livekit_key,
            livekit_secret=keys.livekit_secret,
        )
    visio = Visio(
        applications=applications,
        users={person.email for person in people if person.account == "bound"},
        provisional={person.email for person in people if person.account == "invited"},
        state_file=state_file,
    )
    visio.read_state()
    return visio


def main(arguments: Sequence[str] | None = None) -> None:
    """Serve the stand-in on 127.0.0.1 until the process is told to stop."""
    parser = argparse.ArgumentParser(prog="python -m visio_portal.services.visio", description=main.__doc__)
    parser.add_argument("--port", type=int, default=9500, help="0 takes a free one (default: 9500)")
    parser.add_argument("--portal-url", default="http://127.0.0.1:8000", help="where webhooks go")
    parser.add_argument("--state-file", type=Path, help="keeps the rooms over restarts")
    options = parser.parse_args(arguments)
    visio = demonstration(
        portal_url=options.portal_url, secret=os.environ["DEMO_VISIO_SECRET"], state_file=options.state_file
    )
    logging.getLogger("werkzeug").setLevel(logging.WARNING)
    server = make_server("127.0.0.1", options.port, visio_app(visio), threaded=True)
    print(f"http://127.0.0.1:{server.server_port}", flush=True)  # noqa: T201 -- the address, for who started it
    server.serve_forever()


if __name__ == "__main__":
    main()
