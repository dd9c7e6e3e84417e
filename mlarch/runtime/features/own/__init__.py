"""Functions of the user's in features: which code they are, running it, and calling it row by row."""
