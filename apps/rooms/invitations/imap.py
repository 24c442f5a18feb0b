"""The portal mailbox over IMAP (RFC 3501): new messages in the order of their UIDs, none of them changed."""

import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from imapclient import IMAPClient
from imapclient.exceptions import IMAPClientError, LoginError

TIMEOUT_S = 20
FOLDER = "INBOX"
MESSAGE_MAX_BYTES = 2 * 1024 * 1024  # a reply takes some kilobytes; what is longer is passed over
BATCH = 200  # messages of one reading


class MailboxUnreachable(Exception):
    """The mailbox could not be read; the message is the server's, or the network's."""


@dataclass(frozen=True)
class Account:
    """Where the mailbox lies, and how to sign in. Without TLS from the start, STARTTLS is used where offered."""

    host: str
    port: int
    has_tls: bool
    username: str
    password: str


@dataclass(frozen=True)
class Message:
    uid: int
    raw: bytes  # empty where the message is too long to be read


class Inbox:
    """An open mailbox. A UID says something only together with ``uid_validity``."""

    def __init__(self, client: IMAPClient, uid_validity: int) -> None:
        self._client = client
        self.uid_validity = uid_validity

    def messages_after(self, uid: int) -> Iterator[Message]:
        """Yield the messages that came after a UID, the first BATCH of them; raises MailboxUnreachable."""
        with _errors_named():
            found = sorted(number for number in self._client.search(["UID", f"{uid + 1}:*"]) if number > uid)
        for number in found[:BATCH]:
            with _errors_named():
                yield Message(number, self._fetch(number))

    def _fetch(self, uid: int) -> bytes:
        size = self._client.fetch([uid], ["RFC822.SIZE"]).get(uid, {}).get(b"RFC822.SIZE", 0)
        if not 0 < size <= MESSAGE_MAX_BYTES:
            return b""
        raw: bytes = self._client.fetch([uid], ["BODY.PEEK[]"]).get(uid, {}).get(b"BODY[]") or b""
        return raw


@contextmanager
def open_inbox(account: Account) -> Iterator[Inbox]:
    """Sign in and select the inbox, read-only; raises MailboxUnreachable."""
    with _errors_named():
        client = IMAPClient(account.host, port=account.port, ssl=account.has_tls, timeout=TIMEOUT_S)
    try:
        with _errors_named():
            if not account.has_tls and client.has_capability("STARTTLS"):
                client.starttls(ssl.create_default_context())
            client.login(account.username, account.password)
            selected = client.select_folder(FOLDER, readonly=True)
        yield Inbox(client, int(selected[b"UIDVALIDITY"]))
    finally:
        _leave(client)


def _leave(client: IMAPClient) -> None:
    try:
        client.logout()
    except (IMAPClientError, OSError):
        client.shutdown()


@contextmanager
def _errors_named() -> Iterator[None]:
    try:
        yield
    except LoginError as error:
        raise MailboxUnreachable(f"LOGIN: {error}"[:400]) from error
    except (IMAPClientError, OSError, KeyError) as error:
        raise MailboxUnreachable(f"{type(error).__name__}: {error}"[:400]) from error
