"""Migration scripts, oldest first by their number.

Belongs here: scripts that change the ledger's tables.
Does not belong here: imports of the models, which move on while scripts stay.
"""
