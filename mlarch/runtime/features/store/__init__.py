"""The online store: what is kept of each entity between training and requests, and how requests read it."""
