"""The worker process: a Celery application with one task.

    celery -A media_worker.tasks worker -Q media -n media@%h --pool prefork --concurrency 1

REDIS_URL names the broker, MODELS_DIR the speech models. The main process verifies the models
and refuses to start without them; they are loaded once, in the child that does the work.
"""

from __future__ import annotations

import functools
import importlib
import logging
import os
import socket
from typing import TYPE_CHECKING, Any
from uuid import UUID

import httpx
from celery import Celery
from celery.signals import worker_init

from . import __version__
from .contract import QUEUE_NAME, TASK_NAME, WorkerIdentity
from .models import ModelsError, models_folder, read_manifest, verify

if TYPE_CHECKING:
    from .pipeline import Engine

CONNECT_LIMIT_S = 10.0

logging.getLogger("httpx").setLevel(logging.WARNING)  # it logs addresses, which hold signatures

# Never the current application of a process that only imports this module, as tests do beside the portal's.
app = Celery("media_worker", broker=os.environ.get("REDIS_URL", "redis://127.0.0.1:6379/0"), set_as_current=False)
app.conf.update(
    accept_content=["json"],
    broker_connection_retry_on_startup=True,
    task_acks_late=False,
    task_default_queue=QUEUE_NAME,
    task_ignore_result=True,
    worker_concurrency=1,
    worker_disable_prefetch=True,
    worker_prefetch_multiplier=1,
)


@worker_init.connect
def refuse_bad_models(**_signal: Any) -> None:
    """End the worker before it takes a job where its models are missing or altered."""
    try:
        verify(models_folder())
    except ModelsError as error:
        raise SystemExit(str(error)) from error


@functools.cache
def load_engine() -> Engine:
    """Load the models once per process.

    The speech libraries are imported here, so that the main process stays small and forks no
    threads of theirs.
    """
    engine: Engine = importlib.import_module("media_worker.pipeline").load_engine(models_folder())
    return engine


def worker_identity(name: str | None) -> WorkerIdentity:
    manifest = read_manifest(models_folder())
    return WorkerIdentity(name or f"{QUEUE_NAME}@{socket.gethostname()}", __version__, manifest.references())


@app.task(name=TASK_NAME, bind=True)
def transcribe(self: Any, *, job: str, attempt: int, claim_url: str, claim_secret: str) -> None:
    """Do one job of the portal; see media_worker.contract for the course of it."""
    job_module = importlib.import_module("media_worker.job")
    claim = job_module.Claim(UUID(job), attempt, claim_url, claim_secret)
    identity = worker_identity(self.request.hostname)
    with httpx.Client(timeout=httpx.Timeout(30.0, connect=CONNECT_LIMIT_S)) as http:
        job_module.do_job(http, claim, worker=identity, load=load_engine)
