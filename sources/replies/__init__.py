"""Replies: the sender's own workbook handed back with every fault marked at its cell.

Belongs here: turning findings into remarks (`remarks`), marking a workbook (`marking`),
the summary sheet (`summary`), texts that do no harm (`texts`), the process that does
it under limits (`worker`, `workers`), and where a reply lies (`places`).
Does not belong here: which deliveries need a reply (`warehouse.ledger.replies`),
finding faults (`expectations`), writing templates (`sources.template`).

Importing this package loads no data frames: worker processes import it too.
"""
