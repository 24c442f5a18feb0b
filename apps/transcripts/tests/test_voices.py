"""Who speaks how much, and when."""

from apps.transcripts.models import Speaker
from apps.transcripts.voices import SLOTS, Span, Stretch, stretches_of, voices_of

ANNE, BRUNO = Speaker(position=1), Speaker(position=2)


def test_voices_of_shares_the_speech_and_picks_the_longest_lines_in_order_of_time() -> None:
    spans = [
        Span(ANNE.id, 0, 1),
        Span(ANNE.id, 2, 32),
        Span(ANNE.id, 40, 45),
        Span(ANNE.id, 50, 54),
        Span(BRUNO.id, 60, 100),
        Span(None, 100, 120),
    ]
    anne, bruno = voices_of([ANNE, BRUNO], spans)
    assert (anne.spoken_s, anne.percent, bruno.percent) == (40, 40, 40)
    assert anne.excerpts == (Span(ANNE.id, 2, 10), Span(ANNE.id, 40, 45), Span(ANNE.id, 50, 54))


def test_voices_of_a_silent_voice() -> None:
    (anne,) = voices_of([ANNE], [])
    assert (anne.spoken_s, anne.percent, anne.excerpts) == (0, 0, ())


def test_stretches_of_joins_slots_and_leaves_silence_out() -> None:
    spans = [Span(ANNE.id, 0, 50), Span(BRUNO.id, 49.9, 100), Span(ANNE.id, 200, 300)]
    assert stretches_of([ANNE, BRUNO], spans, duration_s=300) == [
        Stretch(0, 50, ANNE),
        Stretch(50, 50, BRUNO),
        Stretch(200, 100, ANNE),
    ]


def test_stretches_of_takes_the_voice_that_speaks_most_in_a_slot() -> None:
    spans = [Span(ANNE.id, 0, 0.4), Span(BRUNO.id, 0.4, 1)]
    assert stretches_of([ANNE, BRUNO], spans, duration_s=SLOTS) == [Stretch(0, 1, BRUNO)]


def test_stretches_of_stays_inside_the_picture() -> None:
    spans = [Span(ANNE.id, 0, 10.5), Span(None, 3, 4), Span(BRUNO.id, 10, 10)]
    stretches = stretches_of([ANNE, BRUNO], spans, duration_s=10)
    assert stretches == [Stretch(0, SLOTS, ANNE)]
