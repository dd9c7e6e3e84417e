"""The model families at work: one module each, of the same name as its declaration in `mlarch.architecture.families`."""
