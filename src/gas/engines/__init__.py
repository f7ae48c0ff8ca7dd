"""Engines that annotate, one folder each; wiring finds them by name."""
