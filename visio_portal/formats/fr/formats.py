"""French as Django writes it, but for the word between a day and a time."""

DATETIME_FORMAT = "j F Y à H:i"
