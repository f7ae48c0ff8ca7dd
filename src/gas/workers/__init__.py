"""Processes that feed messages to steps: the loop, the roster, the fleet."""
