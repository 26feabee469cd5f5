"""Tests with real lanes, real clusters, real signals and real faults."""
