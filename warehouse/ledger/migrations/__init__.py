"""History of the ledger's tables, applied by `warehouse.ledger.engine`.

Belongs here: one script per change of `warehouse.ledger.models`, never edited later.
Does not belong here: anything that reads or writes rows in daily work.
"""
