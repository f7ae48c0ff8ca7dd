"""The same no-op job on other systems. Runs under the interpreter in which they are installed."""
