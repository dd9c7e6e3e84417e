"""Histories: what was known of an entity at a moment, offline for whole tables and online for one request; both give the same."""
