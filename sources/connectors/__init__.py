"""Connectors: where files come from, and nothing about what is in them.

Belongs here: listing the files of a source with place, size and time, and handing over
their bytes unchanged.
Does not belong here: opening a workbook (`sources.readers`), keeping bytes
(`warehouse.landing`), deciding when to look (`orchestration`).
"""
