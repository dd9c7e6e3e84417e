"""The language server: what an editor asks of an architecture file, answered from the one vocabulary.

Texts that are open stand in the place of their files (`texts`); a change is checked as `mlarch check` would (`checking`). What a name means
is told by an index of the trees (`index`), what may be written at the cursor by the tokens before it (`cursor`). One module answers each
kind of request; what stands under the cursor in YAML is said as text first (`yaml_form`). Only `server` knows the protocol's library.
Nothing in a file is run, and no data is read.
"""
