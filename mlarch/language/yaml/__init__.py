"""Architectures as Hydra YAML: read with positions, composed from config groups, formed by the vocabulary."""
