"""The algorithms; they know nothing of HTTP."""
