"""Pictures of every page for people to look through: `make contact-sheet`; some for the README: `make pictures`.

Differences between pictures are no gate: fonts differ from machine to machine.
"""
