"""Structured logs: JSON in production, readable elsewhere; each line with request and tenant, nothing personal."""

import logging
import re
from typing import Any

import structlog

ADDRESS = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
SIGNED = re.compile(r"(/files/)[^\s/?\"']+")
# PostgreSQL repeats the offending values in these lines of its messages.
DETAIL = re.compile(r"^(DETAIL|CONTEXT):.*$", re.MULTILINE)
UNWANTED = ("user_agent", "ip", "color_message")


def without_personal_data(logger: Any, method: str, event: structlog.typing.EventDict) -> structlog.typing.EventDict:
    """Drop query strings, user agents, e-mail addresses, signed links and the values in database errors."""
    for key in UNWANTED:
        event.pop(key, None)
    if isinstance(event.get("request"), str):
        event["request"] = event["request"].partition("?")[0]
    for key, value in event.items():
        if isinstance(value, str):
            event[key] = scrub(value)
    return event


def scrub(text: str) -> str:
    """Return a text without addresses, signed links and database values."""
    return ADDRESS.sub("<address>", SIGNED.sub(r"\1<signed>", DETAIL.sub(r"\1: <left out>", text)))


BEFORE: list[structlog.typing.Processor] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_logger_name,
    structlog.stdlib.add_log_level,
    structlog.stdlib.PositionalArgumentsFormatter(),
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    structlog.processors.StackInfoRenderer(),
]


def configure_structlog() -> None:
    """Send structlog's events through the standard library's handlers."""
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *BEFORE,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )


def logging_settings(*, as_json: bool, level: str = "INFO") -> dict[str, Any]:
    """Return Django's LOGGING: everything to standard error, one event a line as JSON or for reading."""
    # Exceptions become text before the scrubbing; local variables, which hold anything, are never shown.
    ending: list[structlog.typing.Processor] = [
        structlog.stdlib.ProcessorFormatter.remove_processors_meta,
        structlog.processors.format_exc_info,
        without_personal_data,
        structlog.processors.JSONRenderer(ensure_ascii=False)
        if as_json
        else structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback),
    ]
    formatter = {"()": structlog.stdlib.ProcessorFormatter, "processors": ending, "foreign_pre_chain": BEFORE}
    quiet = {"level": "WARNING"}
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"event": formatter},
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "event"}},
        "root": {"handlers": ["stderr"], "level": level},
        "loggers": {
            # django_structlog tells of each request; Django would tell of the refused ones once more
            "django": {"handlers": [], "level": level, "propagate": True},
            "django.request": {"level": "CRITICAL"},
            "django.server": {"handlers": [], "level": "WARNING", "propagate": True},
            "daphne": quiet,
            "health_check": {"level": "ERROR"},  # the answer says what is missing; probes come every few seconds
            "botocore": quiet,
            "urllib3": quiet,
        },
    }


def level_named(name: str) -> str:
    """Return a level's name in capitals; raises ValueError for one that does not exist."""
    if name.upper() not in logging.getLevelNamesMapping():
        raise ValueError(f"LOG_LEVEL must be one of DEBUG, INFO, WARNING, ERROR, not {name!r}.")
    return name.upper()
