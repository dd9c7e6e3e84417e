"""What runs where and when, and what happens then."""
