"""Run a plan: lanes, the order of rounds, when to stop, and how to clean up."""
