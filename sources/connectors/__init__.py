"""Connectors: where files and figures come from, and nothing about what is in them.

Belongs here: folders, of this machine or elsewhere (SFTP, S3, WebDAV): listing files
with place, size and time, handing over their bytes unchanged, putting replies back to
where they came from. Interfaces and databases (DHIS2, SDMX, other HTTP, SQL): asking
for what is new since the cursor, patiently and without a secret in any text, and giving
it as bundles of whole reports, because a later bundle replaces an earlier one. Which
connector asks a source is in `registry`; all of them keep to the protocol in `fetched`.
Does not belong here: opening a workbook or a bundle (`sources.readers`), keeping bytes
(`warehouse.landing`) or cursors (`warehouse.ledger`), deciding when to look
(`orchestration`).
"""
