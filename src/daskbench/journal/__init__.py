"""Append-only JSON lines, one file per run: writing, reading, and the folder of journals."""
