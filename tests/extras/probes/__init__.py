"""One small real thing for each extra; each is run by the interpreter of an environment that has the extra, and fails by an exception."""
