"""Backends, one folder a vendor; file names are those of the ports."""
