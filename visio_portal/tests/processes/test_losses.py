"""What a killed worker and a lost broker cost: time, and nothing else."""

import os
import re
import signal
import time
from pathlib import Path

import av
import psutil
import psycopg
import pytest
import redis
from playwright.sync_api import Page, expect

from visio_portal.services.demo import Installation
from visio_portal.tests.processes.people import hand_in_recording, schedule_meeting, sign_in
from visio_portal.tests.processes.test_slice import RECORDING

CLIP_S = 50
SUCCEEDED_S = 600  # a claim is given up after 60 s of silence; then the work is done once more

JOBS = """
    SELECT job.status, job.attempt, job.stage, job.run_id,
           (SELECT count(*) FROM transcripts_transcript text WHERE text.recording_id = job.recording_id),
           (SELECT count(*) FROM transcripts_revision revision JOIN transcripts_transcript text
              ON text.id = revision.transcript_id WHERE text.recording_id = job.recording_id),
           (SELECT count(*) FROM tenants_journalevent WHERE action = 'transcript.created'
              AND object_id IN (SELECT id FROM transcripts_transcript WHERE recording_id = job.recording_id))
    FROM transcripts_transcriptionjob job WHERE job.recording_id = %s
"""


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The first seconds of the given meeting, as they were encoded."""
    path = tmp_path_factory.mktemp("clip") / "extrait.webm"
    with av.open(str(RECORDING)) as source, av.open(str(path), "w", format="webm") as target:
        stream = target.add_stream_from_template(source.streams.audio[0])
        for packet in source.demux(source.streams.audio[0]):
            if packet.pts is not None and float(packet.pts * packet.time_base) < CLIP_S:
                packet.stream = stream
                target.mux(packet)
    return path


@pytest.mark.parametrize("stage", ["speech", pytest.param("diarization", marks=pytest.mark.slow)])
def test_a_killed_worker_and_an_emptied_broker_lose_and_double_nothing(
    page: Page, installation: Installation, clip: Path, stage: str
) -> None:
    sign_in(page, "Maëlle Tanguy")
    schedule_meeting(page, "Réunion interrompue")
    hand_in_recording(page, clip)
    recording = re.search(r"/recordings/([0-9a-f-]{36})/", page.url)
    assert recording is not None

    first_run = wait_until_working(installation, recording[1], stage)
    kill_media_worker(installation)
    with redis.Redis.from_url(installation.valkey.url) as broker:
        broker.flushall()

    expect(page.get_by_role("link", name=re.compile("Lire la transcription"))).to_be_visible(timeout=SUCCEEDED_S * 1000)
    [(status, attempt, _stage, run, transcripts, revisions, journalled)] = jobs(installation, recording[1])
    assert (status, attempt) == ("succeeded", 2)
    assert run != first_run
    assert (transcripts, revisions, journalled) == (1, 1, 1)
    installation.manage("verify_journal")


def jobs(installation: Installation, recording_id: str) -> list[tuple[object, ...]]:
    """Read the jobs of a recording as the owner does: inside its tenant."""
    with psycopg.connect(installation.postgres.owner_url, autocommit=True) as connection:
        tenant = connection.execute("SELECT id::text FROM tenants_tenant WHERE slug = 'mer'").fetchone()
        assert tenant is not None
        connection.execute("SELECT set_config('app.tenant', %s, false)", tenant)
        return connection.execute(JOBS, [recording_id]).fetchall()


def wait_until_working(installation: Installation, recording_id: str, stage: str) -> object:
    """Wait until a worker has reported the stage; return its run id."""
    deadline = time.monotonic() + SUCCEEDED_S
    while time.monotonic() < deadline:
        [(status, _attempt, reached, run, *_counts)] = jobs(installation, recording_id)
        if status == "running" and reached == stage:
            return run
        assert status in ("queued", "running"), status
        time.sleep(0.2)
    raise AssertionError("No worker took the job.")


def kill_media_worker(installation: Installation) -> None:
    """Kill the worker and its child as an operating system out of memory does."""
    assert installation.supervisor is not None
    parent = psutil.Process(int(installation.supervisor.states()["media"]["pid"]))
    for process in [*parent.children(recursive=True), parent]:
        os.kill(process.pid, signal.SIGKILL)
