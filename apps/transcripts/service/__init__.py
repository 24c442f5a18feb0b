"""The portal as the transcription service of a ministry's Visio (contract v2)."""
