"""A real SMTP server for the tests: what it takes is parsed, what it refuses is refused as servers do."""

from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from visio_portal.services.processes import free_port


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
