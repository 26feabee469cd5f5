"""Append-only JSON lines, one file a run: writing, reading, and the folder that holds them."""
