"""Real servers for the tests: SMTP, whose mails are parsed, and IMAP, in which replies lie."""

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from imapclient import IMAPClient

from visio_portal.services.processes import free_port

ACCOUNT, PASSWORD = "visio", "secret-of-the-mailbox"
START_TIMEOUT_S = 20


class Postbox:
    """Takes mails; ``refusals`` maps an address to the answer to its RCPT TO."""

    def __init__(self) -> None:
        self.mails: list[EmailMessage] = []
        self.raw: list[bytes] = []
        self.refusals: dict[str, str] = {}

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if address in self.refusals:
            return self.refusals[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        content: Any = envelope.original_content
        parsed: Any = message_from_bytes(content, policy=policy.default)
        self.raw.append(content)
        self.mails.append(parsed)
        return "250 OK"

    def to(self, address: str) -> EmailMessage:
        """Return the last mail to an address."""
        return [mail for mail in self.mails if address in str(mail["To"])][-1]


@contextmanager
def smtp_server() -> Iterator[tuple[Postbox, int]]:
    """Run a server on a free loopback port, and yield what it takes and its port."""
    postbox = Postbox()
    port = free_port()
    controller = Controller(postbox, hostname="127.0.0.1", port=port)
    controller.start()
    try:
        yield postbox, port
    finally:
        controller.stop()


@contextmanager
def imap_server() -> Iterator[tuple[IMAPClient, int]]:
    """Run pymap, an IMAP server, in a process of its own; yield a client that is signed in to it, and its port."""
    port = free_port()
    command = [str(Path(sys.executable).with_name("pymap")), "--host", "127.0.0.1", "--port", str(port), "--no-tls"]
    command += ["--no-service", "admin", "--no-service", "managesieve"]
    command += ["dict", "--demo-user", ACCOUNT, "--demo-password", PASSWORD]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        client = _connected(port)
        client.login(ACCOUNT, PASSWORD)
        yield client, port
        client.logout()
    finally:
        process.terminate()
        process.wait(10)


def _connected(port: int) -> IMAPClient:
    deadline = time.monotonic() + START_TIMEOUT_S
    while True:
        try:
            return IMAPClient("127.0.0.1", port=port, ssl=False, timeout=10)
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.05)
