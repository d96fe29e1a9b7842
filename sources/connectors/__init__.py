"""Connectors: where files come from, and nothing about what is in them.

Belongs here: listing the files of a source with place, size and time, handing over
their bytes unchanged, and putting replies back to where they came from.
Does not belong here: opening a workbook (`sources.readers`), keeping bytes
(`warehouse.landing`), deciding when to look (`orchestration`).
"""
