"""Deep learning: fully connected networks trained by lock-free SGD on every node."""
