"""Assumptions about the coming years: kept, compared side by side, and the need that the waves plan."""
