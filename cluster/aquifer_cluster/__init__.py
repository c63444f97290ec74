"""Distributed memory and execution; knows nothing of HTTP or of any algorithm."""
