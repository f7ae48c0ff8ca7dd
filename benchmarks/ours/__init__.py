"""The no-op job, and the pages, on GAS itself."""
