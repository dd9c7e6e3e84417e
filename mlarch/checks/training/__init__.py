"""What models learn, from what, and how they are tuned."""
