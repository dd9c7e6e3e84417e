"""ARCHITECTURE.md: the ML Architecture Document of a system, one module for each group of its sections."""
