from __future__ import annotations

from faster_whisper.transcribe import Word as WhisperWord

from media_worker.contract import EventType, SpeechEvent
from media_worker.diarization import Turn
from media_worker.naming import name_voices, speech_spans
from media_worker.partial import Partial, pack_partial, unpack_partial
from media_worker.segments import SpokenWord, join_words
from media_worker.speech import Speech, TimedWord, whole_words
from media_worker.tests.voices import say
from media_worker.transcript import Segment


def spoken(text: str, *, start: float, speaker: str = "SPK01") -> list[SpokenWord]:
    return [SpokenWord(word, speaker) for word in say(text, start=start)]


def test_segments_end_at_sentences_and_speaker_changes() -> None:
    words = [
        *spoken("Voici une phrase assez longue. Et voici la suivante aussi", start=0.0),
        *spoken("Oui.", start=4.0, speaker="SPK02"),
    ]

    segments = join_words(words)

    assert [(segment.speaker, segment.text) for segment in segments] == [
        ("SPK01", "Voici une phrase assez longue."),
        ("SPK01", "Et voici la suivante aussi"),
        ("SPK02", "Oui."),
    ]
    assert segments[1].start == 2.0
    assert [word.word for word in segments[1].words] == ["Et", "voici", "la", "suivante", "aussi"]


def test_short_sentence_stays_with_the_next() -> None:
    segments = join_words(spoken("Oui. Je suis tout à fait d'accord.", start=0.0))

    assert len(segments) == 1


def test_pause_ends_a_segment() -> None:
    segments = join_words([*spoken("un deux", start=0.0), *spoken("trois", start=3.0)])

    assert [segment.text for segment in segments] == ["un deux", "trois"]


def test_endless_sentence_is_cut() -> None:
    segments = join_words(spoken(" ".join(["mot"] * 400), start=0.0))

    assert max(segment.end - segment.start for segment in segments) <= 30.0
    assert sum(len(segment.words) for segment in segments) == 400


def test_pieces_without_space_continue_a_word() -> None:
    pieces = [
        WhisperWord(0.0, 0.2, " l", 0.9),
        WhisperWord(0.2, 0.6, "'ordre", 0.7),
        WhisperWord(0.6, 0.8, " du", 0.8),
    ]

    words = whole_words(pieces)

    assert words == [TimedWord("l'ordre", 0.0, 0.6, 0.7), TimedWord("du", 0.6, 0.8, 0.8)]


def event(who: str, kind: EventType, at: float, name: str | None = None) -> SpeechEvent:
    return SpeechEvent(who, name or who, kind, at)


def test_voices_are_named_after_who_spoke_at_the_same_time() -> None:
    events = [
        event("Claire", EventType.SPEECH_END, 9.5),
        event("Claire", EventType.SPEECH_START, 0.5),
        event("Hugo", EventType.SPEECH_START, 10.0),
    ]
    segments = [
        Segment(0.0, 10.0, "a", "SPK01", ()),
        Segment(10.0, 20.0, "b", "SPK02", ()),
        Segment(30.0, 31.0, "c", "SPK03", ()),
    ]

    named = name_voices(segments, speech_spans(events, duration_s=22.0))

    assert named == {"SPK01": ("Claire", 0.9), "SPK02": ("Hugo", 1.0)}


def test_voices_stay_unnamed_without_events() -> None:
    assert name_voices([Segment(0.0, 1.0, "a", "SPK01", ())], {}) == {}


def test_partial_gives_back_what_was_kept() -> None:
    speech = Speech("fr", tuple(say("bonjour à tous", start=0.5)))
    turns = (Turn(0.5, 2.0, "SPEAKER_00"),)
    partial = Partial({"speech": "a"}, {}, {}).with_speech(0, speech).with_turns(0, turns)

    found = unpack_partial(pack_partial(partial), {"speech": "a"})

    assert found.speech_of(0) == speech
    assert found.turns_of(0) == turns
    assert found.speech_of(1) is None


def test_partial_of_other_models_or_damaged_counts_as_empty() -> None:
    partial = Partial({"speech": "a"}, {}, {}).with_turns(0, ())
    packed = pack_partial(partial)

    for source, models in [
        (packed, {"speech": "b"}),
        (packed[:-4], {"speech": "a"}),
        (b"", {"speech": "a"}),
        (b"x" * 50, {"speech": "a"}),
    ]:
        assert unpack_partial(source, models).turns_of(0) is None
