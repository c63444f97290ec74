"""Flow, the browser's rooms: pages that list jobs, frames and models."""

from aquifer_flow.application import mount

__all__ = ["mount"]
