"""Columns whose text is encrypted at rest (Fernet: AES-128-CBC with HMAC-SHA-256).

``ENCRYPTION_KEYS`` lists the keys: the first one encrypts, all of them decrypt, so that a key is changed by putting
a new one in front. A value that none of them opens raises cryptography's InvalidToken: it is never shown as it is.
"""

from functools import lru_cache
from typing import Any

from cryptography.fernet import Fernet, MultiFernet
from django.conf import settings
from django.db import models


class EncryptedTextField(models.TextField):  # type: ignore[type-arg]  # it takes none at run time
    """Text that the database holds encrypted; the empty text stays empty. It cannot be searched or compared."""

    def get_prep_value(self, value: Any) -> Any:
        text = super().get_prep_value(value)
        return _cipher(tuple(settings.ENCRYPTION_KEYS)).encrypt(text.encode()).decode() if text else text

    def from_db_value(self, value: str | None, *_context: Any) -> str | None:
        return _cipher(tuple(settings.ENCRYPTION_KEYS)).decrypt(value).decode() if value else value


@lru_cache(maxsize=2)
def _cipher(keys: tuple[str, ...]) -> MultiFernet:
    return MultiFernet([Fernet(key) for key in keys])
