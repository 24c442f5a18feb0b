"""Calendars: a person's days, when colleagues and rooms are busy, and calendars from elsewhere."""
