"""Turn recordings of meetings into transcripts that say who said what."""

__version__ = "0.1.0"
