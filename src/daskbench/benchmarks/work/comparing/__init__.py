"""Comparisons of two values, a module for each kind of value."""
