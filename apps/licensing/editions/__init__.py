"""Closed months: a ministry's word on them, and the numbered editions that the operator freezes."""
