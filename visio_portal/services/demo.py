"""The whole installation on one machine: database, broker, sign-in, portal, workers, under one supervisor."""

import fcntl
import http.client
import os
import shlex
import shutil
import signal
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from types import FrameType
from typing import NoReturn

from bootstrap.console import last_line, run_logged, say, step
from bootstrap.install import fingerprint
from visio_portal.demonstration.people import ROLE_NAMES, Person, load_people
from visio_portal.services.account import remove_place
from visio_portal.services.postgres import EmbeddedPostgres
from visio_portal.services.processes import (
    LOOPBACK,
    ServiceError,
    free_port,
    is_port_free,
    lasting_port,
    lasting_secret,
)
from visio_portal.services.supervisor import BASE_DIR, PRIVATE_UMASK, Program, States, Supervisor, wait_for_former
from visio_portal.services.valkey import EmbeddedValkey

NEEDED_DISK_BYTES = 1024**3
READY_TIMEOUT_S = 60.0
WATCH_INTERVAL_S = 1.0
CELERY = (sys.executable, "-m", "celery")
QUIET = ("--without-gossip", "--without-mingle", "--without-heartbeat", "--loglevel", "INFO")
SECRETS = ("DATABASE_URL", "SECRET_KEY", "ENCRYPTION_KEYS")
PORTAL_ONLY = (
    "DJANGO_SETTINGS_MODULE",
    *SECRETS,
    "OIDC_RP_CLIENT_SECRET",
    "DEMO_VISIO_SECRET",
    "MALLOC_ARENA_MAX",
)  # what media_worker must not have


class Installation:
    """Everything that `make demo` runs, in one state folder; `port` is the portal's, None takes a free one."""

    def __init__(self, state_dir: Path, *, port: int | None, models_dir: Path | None = None) -> None:
        self.state_dir = state_dir.resolve()
        self.state_dir.mkdir(parents=True, exist_ok=True)
        for private in (self.secrets_dir, self.state_dir / "log", self.state_dir / "files"):
            private.mkdir(mode=0o700, exist_ok=True)
        self.port = port or free_port()
        self.models_dir = models_dir or Path(os.environ.get("MODELS_DIR") or BASE_DIR / "var" / "models")
        self.postgres = EmbeddedPostgres(self.state_dir, say=say)
        self.valkey = EmbeddedValkey(self.state_dir)
        self.sign_in_port = 0
        self.visio_port = 0
        self.smtp_port = self.mail_port = 0
        self.supervisor: Supervisor | None = None

    @property
    def secrets_dir(self) -> Path:
        return self.state_dir / "secrets"

    @property
    def url(self) -> str:
        return f"http://{LOOPBACK}:{self.port}"

    @property
    def visio_url(self) -> str:
        """Return where the stand-in for Visio listens."""
        return f"http://{LOOPBACK}:{self.visio_port}"

    @property
    def mail_url(self) -> str:
        """Return where the mails that the portal sends can be read."""
        return f"http://{LOOPBACK}:{self.mail_port}"

    def environment(self) -> dict[str, str]:
        """Return the environment of the portal's processes; valid once `start` has chosen the ports."""
        return os.environ | {
            "PYTHONUNBUFFERED": "1",
            "PYTHONPATH": str(BASE_DIR),
            "MALLOC_ARENA_MAX": "1",  # threads share one heap: several megabytes less in every process
            "DJANGO_SETTINGS_MODULE": "visio_portal.settings",
            "VISIO_MODE": "demonstration",
            "SECRET_KEY": lasting_secret(self.secrets_dir / "django"),
            "ENCRYPTION_KEYS": lasting_secret(self.secrets_dir / "encryption", size_bytes=32) + "=",
            "DATABASE_URL": self.postgres.runtime_url,
            "REDIS_URL": self.valkey.url,
            "PORTAL_PUBLIC_URL": self.url,
            "PORTAL_INTERNAL_URL": self.url,
            "STORAGE_DIR": str(self.state_dir / "files"),
            "FETCH_NETWORKS": "127.0.0.0/8",  # what people try out runs on this machine
            "MODELS_DIR": str(self.models_dir),
            "OIDC_OP_URL": f"http://{LOOPBACK}:{self.sign_in_port}/api/v2",
            "OIDC_RP_CLIENT_ID": "visio-portal",
            "OIDC_RP_CLIENT_SECRET": lasting_secret(self.secrets_dir / "oidc"),
            "EMAIL_URL": f"smtp://{LOOPBACK}:{self.smtp_port}",
            "DEFAULT_FROM_EMAIL": "ne-pas-repondre@portail.example",
            "DEMO_MAIL_URL": self.mail_url,
            "DEMO_VISIO_URL": self.visio_url,
            "DEMO_VISIO_SECRET": lasting_secret(self.secrets_dir / "visio"),
        }

    def start(self) -> None:
        """Start everything and wait until the portal answers; raise ServiceError where it does not."""
        self.check()
        with step("Database and broker"):
            self._start_first_programs()
        self._write_environment()
        if not self._is_prepared():
            with step("Tables"):
                self.manage("migrate", "--no-input", as_owner=True)
            with step("Demonstration data"):
                self.manage("seed_demonstration")
            self._prepared_stamp().write_text(self._preparation())
        with step("Portal and workers"):
            self._supervisor().start_programs("portal", "visio", "mail")
            self._wait_for_portal()
            self._supervisor().start_programs("worker", "interactive", "beat", "media")

    def stop(self) -> None:
        """Stop every process; committed rows and files stay in the state folder."""
        if self.supervisor is not None:
            self.supervisor.stop()

    def check(self) -> None:
        """Raise ServiceError, with what to do, for a taken port or a full disk."""
        wait_for_former(self.state_dir)
        if not is_port_free(self.port):
            raise ServiceError(
                f"Port {self.port} is taken by another program: stop it, or choose another with PORT=8001 make demo."
            )
        free_bytes = shutil.disk_usage(self.state_dir).free
        if free_bytes < NEEDED_DISK_BYTES:
            raise ServiceError(
                f"Only {free_bytes // 1024**2} MB are free on the disk of {self.state_dir}; "
                f"{NEEDED_DISK_BYTES // 1024**2} MB are needed: make room and start again."
            )

    def manage(self, *arguments: str, as_owner: bool = False) -> None:
        """Run one of Django's commands, as the runtime role unless it changes tables."""
        environment = self.environment()
        if as_owner:
            environment["DATABASE_URL"] = self.postgres.owner_url
        run_logged(
            [sys.executable, "manage.py", *arguments],
            log=self.state_dir / "log" / "manage.log",
            failure=f"manage.py {arguments[0]} failed:",
            cwd=BASE_DIR,
            env=environment,
            umask=PRIVATE_UMASK,
        )

    def programs(self) -> list[Program]:
        """Return every process of the installation, in the order in which they start."""
        account = self.postgres.account
        provider = [sys.executable, "-m", "visio_portal.services.oidc", "--port", str(self.sign_in_port)]
        provider += ["--key-file", str(self.secrets_dir / "oidc.pem")]
        provider += ["--portal-url", self.url, "--portal-url", f"http://localhost:{self.port}"]
        visio = [sys.executable, "-m", "visio_portal.services.visio", "--port", str(self.visio_port)]
        visio += ["--portal-url", self.url, "--state-file", str(self.state_dir / "visio.json")]
        mail = [sys.executable, "-m", "visio_portal.services.mail", "--folder", str(self.state_dir / "mails")]
        mail += ["--smtp-port", str(self.smtp_port), "--port", str(self.mail_port)]
        # -v 0: its access log would hold signed addresses, and Django logs each request anyway
        daphne = [sys.executable, "-m", "daphne", "-v", "0", "-b", LOOPBACK, "-p", str(self.port)]
        worker = [*CELERY, "-A", "visio_portal", "worker", "-Q", "portal", "-n", "portal@%h", "--concurrency", "2"]
        interactive = [*CELERY, "-A", "visio_portal", "worker", "-Q", "interactive", "-n", "interactive@%h"]
        interactive += ["--concurrency", "1", "--prefetch-multiplier", "1"]
        media = [*CELERY, "-A", "media_worker.tasks", "worker", "-Q", "media", "-n", "media@%h"]
        media += ["--concurrency", "1", "--prefetch-multiplier", "1"]
        return [
            Program(
                name="postgres",
                command=self.postgres.command(),
                account=account.pw_name if account else None,
                first=True,
                stop_signal="INT",
                stop_wait_s=20,
            ),
            Program(name="valkey", command=self.valkey.command(), first=True),
            Program(name="oidc", command=provider, without=SECRETS, first=True),
            Program(name="visio", command=visio, without=(*SECRETS, "OIDC_RP_CLIENT_SECRET")),
            Program(name="mail", command=mail, without=PORTAL_ONLY),
            Program(name="portal", command=[*daphne, "visio_portal.asgi:application"]),
            Program(name="worker", command=[*worker, *QUIET]),
            Program(name="interactive", command=[*interactive, *QUIET]),
            Program(name="beat", command=[*CELERY, "-A", "visio_portal", "beat", "--pidfile=", "--loglevel", "INFO"]),
            # QUIT: what it has done of a job is kept, and the job is dispatched again from its row
            Program(name="media", command=[*media, *QUIET], without=PORTAL_ONLY, stop_signal="QUIT"),
        ]

    def _supervisor(self) -> Supervisor:
        if self.supervisor is None:
            self.supervisor = Supervisor(self.state_dir, self.programs(), self.environment())
        return self.supervisor

    def _start_first_programs(self) -> None:
        self.postgres.prepare()
        self.valkey.prepare()
        self.sign_in_port = lasting_port(self.state_dir / "oidc.port")
        self.visio_port = lasting_port(self.state_dir / "visio.port")
        self.smtp_port = lasting_port(self.state_dir / "smtp.port")
        self.mail_port = lasting_port(self.state_dir / "mail.port")
        self._supervisor().start()
        self._supervisor().start_programs("postgres", "valkey", "oidc")
        self.postgres.wait_until_ready()
        self.postgres.make_database()
        self.valkey.wait_until_ready()

    def _prepared_stamp(self) -> Path:
        return self.state_dir / "prepared"

    def _is_prepared(self) -> bool:
        """Say whether tables and data are those of this version, so that a second start takes seconds."""
        stamp = self._prepared_stamp()
        return not self.postgres.is_new and stamp.exists() and stamp.read_text() == self._preparation()

    def _preparation(self) -> str:
        """Return what the tables and the data were made for: a version, and where Visio's stand-in listens."""
        return f"{preparation()} {self.visio_url}"

    def _write_environment(self) -> None:
        """Note the portal's environment (0600), for `manage.py` by hand: set -a; . var/secrets/portal.env."""
        lines = [
            f"{name}={shlex.quote(value)}\n"
            for name, value in self.environment().items()
            if os.environ.get(name) != value
        ]
        descriptor = os.open(self.secrets_dir / "portal.env", os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with open(descriptor, "w") as file:
            file.writelines(lines)

    def _wait_for_portal(self) -> None:
        deadline = time.monotonic() + READY_TIMEOUT_S
        while time.monotonic() < deadline:
            connection = http.client.HTTPConnection(LOOPBACK, self.port, timeout=10)
            with suppress(OSError, http.client.HTTPException), closing(connection):
                connection.request("GET", "/health/live")
                if connection.getresponse().status < 500:
                    return
            time.sleep(0.1)
        log = self._supervisor().program_log("portal")
        raise ServiceError(f"The portal did not start: {last_line(log)} (see {log})")


def preparation() -> str:
    """Return one SHA-256 over everything that tables and demonstration data follow from."""
    sources = [BASE_DIR / "requirements.lock", *BASE_DIR.glob("apps/*/migrations/*.py")]
    sources += [path for path in (BASE_DIR / "visio_portal" / "demonstration").glob("*.*") if path.is_file()]
    return fingerprint(*sorted(sources))


@contextmanager
def only_one(state_dir: Path, url: str) -> Iterator[None]:
    """Hold a state folder; raise ServiceError where another demonstration holds it already."""
    state_dir.mkdir(parents=True, exist_ok=True)
    with (state_dir / "demo.lock").open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as held:
            lock.seek(0)
            raise ServiceError(
                f"A demonstration already runs from {state_dir} ({lock.read().strip()}): use it, or stop it first."
            ) from held
        lock.truncate(0)
        lock.write(f"process {os.getpid()}, {url}")
        lock.flush()
        yield


class Watch:
    """Puts into words what the supervisor had to do, once for each trouble."""

    def __init__(self, states: States) -> None:
        self._pids = {name: info["pid"] for name, info in states.items()}
        self._failing: set[str] = set()

    def news(self, states: States) -> Iterator[tuple[str, str]]:
        """Yield a program's name and what happened to it since the last call."""
        for name, info in states.items():
            if info["statename"] in ("BACKOFF", "FATAL") and name not in self._failing:
                self._failing.add(name)
                yield name, "does not stay up and is tried again from time to time"
            elif name in self._failing and info["statename"] == "RUNNING":
                self._failing.discard(name)
                self._pids[name] = info["pid"]
                yield name, "stays up again"
            elif name not in self._failing and info["pid"] and info["pid"] != self._pids[name]:
                self._pids[name] = info["pid"]
                yield name, "had ended and was started again"


def watch(supervisor: Supervisor) -> None:
    """Tell of every program that ended by itself, until the supervisor ends."""
    watched = Watch(supervisor.states())
    while supervisor.is_running():
        time.sleep(WATCH_INTERVAL_S)
        with suppress(OSError, http.client.HTTPException):
            for name, what in watched.news(supervisor.states()):
                log = supervisor.program_log(name)
                say(f"  {name} {what}: {last_line(log)[:160]} (see {log})")
    raise ServiceError(f"The supervisor ended: {last_line(supervisor.log_path)} (see {supervisor.log_path})")


def interrupt(number: int, frame: FrameType | None) -> NoReturn:
    """Treat SIGTERM and a closed terminal like Ctrl-C, also where a shell has it ignored."""
    raise KeyboardInterrupt


def greeting(url: str, mail_url: str, people: Sequence[Person]) -> list[str]:
    """Return what the terminal says once everything runs: one person for each role."""
    members = [person for person in people if person.memberships]
    examples = {person.roles[0]: person for person in reversed(members)}
    names = sorted((ROLE_NAMES[role], person) for role, person in examples.items())
    rows = [f"    {person.full_name:<20} {name:<28} {person.title}" for name, person in names]
    return [
        "",
        f"  Visio Portal is ready: {url}",
        "",
        f"  Sign in with one click, for example as one of these ({len(members)} people are there):",
        *rows,
        "",
        f"  Mails that the portal sends stay on this machine; read them at {mail_url}",
        "",
        "  Ctrl-C stops everything; what you do stays for the next start.",
        "",
    ]


def remove_data(state_dir: Path) -> None:
    """Remove what the demonstration keeps, here and elsewhere; raise ServiceError while it runs."""
    with only_one(state_dir, "being removed"):
        remove_place(state_dir)
        for path in state_dir.iterdir():
            if path.is_dir() and path.name != "models":
                shutil.rmtree(path)
            elif path.is_file():
                path.unlink()


def run_demonstration(state_dir: Path, port: int) -> None:
    """Start everything, say where it is, and keep it running until Ctrl-C."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, interrupt)
    with only_one(state_dir, f"http://{LOOPBACK}:{port}"):
        installation = Installation(state_dir, port=port)
        try:
            installation.start()
            for line in greeting(installation.url, installation.mail_url, load_people()):
                say(line)
            if installation.supervisor is not None:
                watch(installation.supervisor)
        except KeyboardInterrupt:
            say()
        finally:
            signal.signal(signal.SIGINT, signal.SIG_IGN)  # a second Ctrl-C would leave processes behind
            with step("Stopping"):
                installation.stop()
