"""Flow, the browser's rooms: pages that list jobs, frames and models."""
