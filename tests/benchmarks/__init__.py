"""The figures to reach, each beside its references: `make bench`.

They are shown, never asserted: a machine's speed is no property of the code.
"""
