"""Score transcripts: word error rate, also by speakers (cpWER), after normalisation."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from pathlib import Path

import jiwer
import numpy as np
from scipy.optimize import linear_sum_assignment
from text_to_num import alpha2digit

PERCENT = {"fr": " pour cent ", "en": " percent "}


def normalise(text: str, language: str = "fr") -> str:
    """Lower case without accents and punctuation, numbers as digits ("12 millions": 12000000)."""
    text = text.lower().replace("’", "'").replace("-", " ").replace("%", PERCENT[language])
    text = alpha2digit(text, language)
    text = re.sub(r"\b(\d+) (?:millions?|1000000)\b", lambda found: f"{found[1]}000000", text)
    text = unicodedata.normalize("NFD", text.replace("œ", "oe"))
    text = "".join(letter for letter in text if not unicodedata.combining(letter))
    return " ".join(re.sub(r"[^a-z0-9]+", " ", text).split())


def word_errors(reference: str, hypothesis: str) -> int:
    if not reference or not hypothesis:
        return len((reference or hypothesis).split())
    output = jiwer.process_words(reference, hypothesis)
    return int(output.substitutions + output.deletions + output.insertions)


def word_error_rate(reference: str, hypothesis: str) -> float:
    """Return the percentage of wrong words of normalised texts."""
    return 100 * word_errors(reference, hypothesis) / len(reference.split())


def speaker_word_error_rate(reference: Mapping[str, str], hypothesis: Mapping[str, str]) -> float:
    """Return cpWER in percent: each speaker's words joined, speakers paired for the fewest errors.

    Watanabe et al., "CHiME-6 Challenge", 2020. Texts are normalised.
    """
    size = max(len(reference), len(hypothesis))
    wanted = [*reference.values(), *[""] * (size - len(reference))]
    given = [*hypothesis.values(), *[""] * (size - len(hypothesis))]
    errors = np.array([[word_errors(one, other) for other in given] for one in wanted])
    rows, columns = linear_sum_assignment(errors)
    return 100 * float(errors[rows, columns].sum()) / sum(len(text.split()) for text in wanted)


def read_turns(path: Path) -> list[tuple[str, str]]:
    """Read "speaker: text" lines."""
    pairs = (line.split(": ", 1) for line in path.read_text(encoding="utf-8").splitlines() if ": " in line)
    return [(speaker, text) for speaker, text in pairs]


def join_by_speaker(turns: list[tuple[str, str]], language: str = "fr") -> dict[str, str]:
    """Return the normalised words of each speaker, joined."""
    texts: dict[str, list[str]] = {}
    for speaker, text in turns:
        texts.setdefault(speaker, []).append(text)
    return {speaker: normalise(" ".join(parts), language) for speaker, parts in texts.items()}
