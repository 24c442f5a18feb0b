"""The command line: `python -m media_worker transcribe FILE`, `models`, `check`.

Exit status 0: done; 1: the models or this machine are not ready; 2: the input cannot be used.
"""

from __future__ import annotations

import argparse
import importlib
import logging
import sys
import tempfile
from pathlib import Path

from .contract import Stage
from .models import ModelsError, describe, has_models, models_folder, verify

STAGE_NAMES = {
    Stage.DECODE: "reading the sound",
    Stage.SPEECH: "recognising words",
    Stage.DIARIZATION: "finding voices",
    Stage.SPEAKERS: "comparing voices",
    Stage.RESULT: "writing the result",
}
BAR_WIDTH = 30
DESCRIPTION = "Turn recordings of meetings into transcripts that say who said what."
FORMATS = ("json", "vtt", "txt", "rttm")


class InputError(Exception):
    """The input cannot be used; the text says why."""


def main(arguments: list[str] | None = None) -> int:
    options = _parser().parse_args(arguments)
    logging.basicConfig(level=logging.WARNING, format="%(message)s")
    try:
        return int(options.run(options))
    except ModelsError as error:
        return _fail(str(error), 1)
    except InputError as error:
        return _fail(str(error), 2)
    except KeyboardInterrupt:
        sys.stderr.write("\n")
        return 130
    except OSError as error:
        return _fail(f"{error.filename or 'The disk'}: {error.strerror or error}", 1)


def _fail(reason: str, status: int) -> int:
    sys.stderr.write(f"media_worker: {reason}\n")
    return status


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m media_worker", description=DESCRIPTION)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    transcribe = commands.add_parser("transcribe", help="write who said what in a recording")
    transcribe.add_argument("file", type=Path, help="a recording: webm, ogg, mp3, m4a, mp4, wav ...")
    transcribe.add_argument("--language", help="language code such as fr; detected by default")
    transcribe.add_argument("--speakers", type=_count, help="number of speakers; found by default")
    transcribe.add_argument("--format", choices=FORMATS, default="json", help="json by default")
    transcribe.add_argument("--output", type=Path, help="file to write; standard output by default")
    transcribe.set_defaults(run=_transcribe)
    models = commands.add_parser("models", help="assemble or verify the speech models in MODELS_DIR")
    models.set_defaults(run=_models)
    check = commands.add_parser("check", help="verify and load the models, and say what they are")
    check.set_defaults(run=_check)
    return parser


def _count(text: str) -> int:
    count = int(text)
    if not 1 <= count <= 50:
        raise argparse.ArgumentTypeError("must be between 1 and 50")
    return count


def _transcribe(options: argparse.Namespace) -> int:
    path: Path = options.file
    _check_input(path, options.output)
    verify(models_folder())
    # The speech libraries take seconds to import: what can be refused without them is, first.
    audio = importlib.import_module("media_worker.audio")
    pipeline = importlib.import_module("media_worker.pipeline")
    formats = importlib.import_module("media_worker.formats")
    speech = importlib.import_module("media_worker.speech")
    if options.language is not None and options.language not in speech.LANGUAGES:
        raise InputError(f"{options.language} is not a language that the speech model knows")
    bar = ProgressBar()
    try:
        audio.check_audio(path, max_duration_s=pipeline.DEFAULT_MAX_DURATION_S)
        engine = pipeline.load_engine(models_folder())
        settings = pipeline.Options(language=options.language, speakers=options.speakers)
        with tempfile.TemporaryDirectory(prefix="media-worker-") as scratch:
            result = pipeline.transcribe(
                engine, [pipeline.Source(path)], settings, scratch=Path(scratch), report=bar.show
            )
    except audio.MediaError as error:
        raise InputError(f"{path}: {error}") from error
    finally:
        bar.clear()
    text = formats.WRITERS[options.format](result, path.stem)
    if options.output is None:
        sys.stdout.write(text)
    else:
        options.output.write_text(text, encoding="utf-8")
    return 0


def _check_input(path: Path, output: Path | None) -> None:
    if not path.exists():
        raise InputError(f"{path}: there is no such file")
    if not path.is_file():
        raise InputError(f"{path}: this is not a file")
    if not path.stat().st_size:
        raise InputError(f"{path}: the file is empty")
    if output is not None and not output.resolve().parent.is_dir():
        raise InputError(f"{output}: there is no such folder")


def _models(_options: argparse.Namespace) -> int:
    folder = models_folder()
    if has_models(folder):
        manifest = verify(folder)
        _say(f"Speech models in {folder}: {len(manifest.files)} files verified.")
        return 0
    assembly = importlib.import_module("media_worker.assembly")
    assembly.assemble_models(folder, report=_say)
    return 0


def _check(_options: argparse.Namespace) -> int:
    pipeline = importlib.import_module("media_worker.pipeline")
    engine = pipeline.load_engine(models_folder())
    for role, model in describe(engine.manifest).items():
        _say(f"{role}: {model}")
    _say(f"device: {engine.diarizer.device}")
    return 0


class ProgressBar:
    """One line on a terminal's standard error; nothing anywhere else."""

    def __init__(self) -> None:
        self.is_shown = sys.stderr.isatty()

    def show(self, stage: Stage, fraction: float, _stage_fraction: float) -> None:
        if self.is_shown:
            done = "#" * round(BAR_WIDTH * fraction)
            line = f"\r[{done:<{BAR_WIDTH}}] {fraction:4.0%} {STAGE_NAMES[stage]:<20}"
            sys.stderr.write(line)
            sys.stderr.flush()

    def clear(self) -> None:
        if self.is_shown:
            sys.stderr.write("\r" + " " * (BAR_WIDTH + 30) + "\r")


if __name__ == "__main__":
    sys.exit(main())
