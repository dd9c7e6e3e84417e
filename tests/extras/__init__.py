"""The installation extras: each resolves with the core, installs, and does one small real thing."""
