"""Aquifer, an open, distributed, in-memory machine-learning server."""

__version__ = "0.1.0"
