"""The steps of a run as plain functions over sources, expectations and warehouse.

Belongs here: order, hand-over files, what counts as new. Does not belong here: dagster
(assets wrap these), parsing, rules, SQL. Each step reads the state that the one before
left in landing, ledger or the work folder, so that a killed run is repaired by the
next.
"""
