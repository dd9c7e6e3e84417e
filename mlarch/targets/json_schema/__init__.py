"""The JSON Schema of the YAML form, made from the vocabulary: what an editor needs to complete, to explain and to mark what is wrong.

It says what JSON Schema can say of a file by itself: keys, members, units, the forms of values. What a name means in the rest of the
architecture is told by `mlarch check` and by the language server.
"""
