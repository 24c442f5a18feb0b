"""Files made of a transcript: pure functions over one plain document."""
