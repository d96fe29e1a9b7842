"""Alerts to maintainers: what is worth telling, in which words, when, and by which way.

Belongs here: turning the state of the ledger into notices (`overdue`, `notices`,
`failure`), putting many into one message (`message`), the hours and the digest
(`settings`, `sending`), the channels (`channels`, the only user of apprise).
Does not belong here: keeping alerts until they are told (`warehouse.ledger.outbox`),
Dagster's sensors (`orchestration.alert_sensors`), answers to units (replies).
An alert names unit, form, period, cell or rule, and never quotes a cell's value.
"""
