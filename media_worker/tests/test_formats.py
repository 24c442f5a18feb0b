from __future__ import annotations

import json
from pathlib import Path

import webvtt

from media_worker.contract import TranscriptionResult
from media_worker.formats import WRITERS
from media_worker.transcript import Segment, Speaker

GOLDEN = Path(__file__).parent / "golden" / "transcription_result.json"


def result_of(text: str, name: str | None) -> TranscriptionResult:
    return TranscriptionResult(
        language="fr",
        duration_s=4000.0,
        segments=(Segment(3661.5, 3663.25, text, "SPK01", ()),),
        speakers=(Speaker("SPK01", name, None, None),),
        models={},
        timings={},
    )


def test_json_is_the_contract() -> None:
    result = TranscriptionResult.from_json(GOLDEN.read_bytes())

    assert json.loads(WRITERS["json"](result, "x")) == json.loads(GOLDEN.read_bytes())


def test_vtt_can_be_read_back(tmp_path: Path) -> None:
    path = tmp_path / "sous-titres.vtt"
    path.write_text(WRITERS["vtt"](result_of("Oui --> non & <b>", "Claire <D>"), "x"))

    captions = webvtt.read(str(path)).captions

    assert (captions[0].start, captions[0].end) == ("01:01:01.500", "01:01:03.250")
    assert "<v Claire &lt;D&gt;>Oui --&gt; non &amp; &lt;b&gt;</v>" in path.read_text()


def test_text_names_the_speaker() -> None:
    assert WRITERS["txt"](result_of("Oui.", "Claire"), "x") == "[01:01:01] Claire: Oui.\n"
    assert WRITERS["txt"](result_of("Oui.", None), "x") == "[01:01:01] SPK01: Oui.\n"


def test_rttm_names_the_recording_without_spaces() -> None:
    assert WRITERS["rttm"](result_of("Oui.", None), "ma réunion") == (
        "SPEAKER ma_réunion 1 3661.500 1.750 <NA> <NA> SPK01 <NA> <NA>\n"
    )
