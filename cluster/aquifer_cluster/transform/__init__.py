"""What one does to frames: each module holds block functions and the coordinators that run them on nodes."""
