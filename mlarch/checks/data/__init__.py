"""What sources say of their rows."""
