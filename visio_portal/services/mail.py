"""A mail server for the demonstration: ``python -m visio_portal.services.mail``.

It takes every mail that the portal sends, delivers none of them, keeps them as .eml files, and shows them on a page,
so that whoever tries the portal sees what invited people receive and can answer in their place.
"""

import argparse
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import flask
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from werkzeug.serving import make_server

from visio_portal.services.dsfr import dsfr_folder

LISTED_MAX = 200  # the newest
KEPT_MAX = 2000


@dataclass(frozen=True)
class Letter:
    """A mail as the reader shows it."""

    key: str
    sender: str
    receiver: str
    subject: str
    sent_at: datetime | None
    text: str = ""
    html: str = ""
    calendar: str = ""


class MailFolder:
    """The mails that were taken, one file each; their names sort by time."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        content: Any = envelope.original_content
        name = f"{datetime.now():%Y%m%d-%H%M%S-%f}-{uuid4().hex[:8]}"
        partial = self.folder / f"{name}.partial"
        partial.write_bytes(content)
        partial.rename(self.folder / f"{name}.eml")
        for old in sorted(self.folder.glob("*.eml"))[:-KEPT_MAX]:
            old.unlink(missing_ok=True)
        return "250 OK"

    def newest(self) -> list[Letter]:
        paths = sorted(self.folder.glob("*.eml"), reverse=True)[:LISTED_MAX]
        return [_letter(path) for path in paths]

    def letter(self, key: str) -> Letter | None:
        path = next((path for path in self.folder.glob("*.eml") if path.stem == key), None)
        return _letter(path, with_body=True) if path is not None else None


def _letter(path: Path, *, with_body: bool = False) -> Letter:
    mail: Any = message_from_bytes(path.read_bytes(), policy=policy.default)
    date = mail["Date"]
    bodies = {kind: _body(mail, kind) if with_body else "" for kind in ("plain", "html", "calendar")}
    return Letter(
        key=path.stem,
        sender=str(mail["From"] or ""),
        receiver=str(mail["To"] or ""),
        subject=str(mail["Subject"] or "").strip(),
        sent_at=parsedate_to_datetime(str(date)).astimezone() if date else None,
        text=bodies["plain"],
        html=bodies["html"],
        calendar=bodies["calendar"],
    )


def _body(mail: EmailMessage, subtype: str) -> str:
    for part in mail.walk():
        if part.get_content_type() == f"text/{subtype}":
            content: Any = part.get_content()
            return str(content)
    return ""


def reader_app(mails: MailFolder) -> flask.Flask:
    """Return the pages that show the mails."""
    here = Path(__file__).parent
    app = flask.Flask(__name__, template_folder=str(here / "mail_templates"), static_folder=str(dsfr_folder()))

    @app.get("/")
    def index() -> str:
        wanted = flask.request.args.get("to", "").strip().lower()
        letters = [letter for letter in mails.newest() if wanted in letter.receiver.lower()]
        return flask.render_template("list.html", letters=letters, wanted=wanted)

    @app.get("/<key>")
    def show(key: str) -> str:
        letter = mails.letter(key)
        if letter is None:
            flask.abort(404)
        return flask.render_template("letter.html", letter=letter)

    return app


def main(arguments: Sequence[str] | None = None) -> None:
    """Take mails on one port of 127.0.0.1 and show them on another until the process is told to stop."""
    parser = argparse.ArgumentParser(prog="python -m visio_portal.services.mail", description=main.__doc__)
    parser.add_argument("--smtp-port", type=int, default=2525)
    parser.add_argument("--port", type=int, default=8025, help="of the page (default: 8025)")
    parser.add_argument("--folder", type=Path, required=True, help="where the mails are kept")
    options = parser.parse_args(arguments)
    for noisy in ("werkzeug", "mail.log"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
    mails = MailFolder(options.folder)
    Controller(mails, hostname="127.0.0.1", port=options.smtp_port).start()
    server = make_server("127.0.0.1", options.port, reader_app(mails), threaded=True)
    print(f"http://127.0.0.1:{server.server_port}", flush=True)  # noqa: T201 -- the address, for who started it
    server.serve_forever()


if __name__ == "__main__":
    main()
