"""Data: ingested with the schema's types, then validated."""
