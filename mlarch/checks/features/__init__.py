"""What features are made of, and when it is known."""
