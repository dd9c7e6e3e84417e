"""Ray Serve: one configuration a deployment, every field derived from the architecture or declared in it."""
