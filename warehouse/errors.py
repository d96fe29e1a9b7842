"""Errors of the warehouse; each message says what, where, why and what to do."""


class WarehouseError(Exception):
    """Base of every error that this package raises on purpose."""


class RunLocked(WarehouseError):
    """Another process holds the lock that this one needs."""


class LandingError(WarehouseError):
    """Bytes are absent from landing, damaged, or refused as personal data."""


class LedgerError(WarehouseError):
    """The ledger cannot be opened, or was asked to record something impossible."""


class LoadError(WarehouseError):
    """Schema raw cannot take what it was given; nothing of it was written."""


class PublishError(WarehouseError):
    """The build cannot be published; the previous publication stays."""


class ExportError(WarehouseError):
    """A table cannot be written in the form asked for; nothing is left of it."""


class ReadError(WarehouseError):
    """A published figure was asked for that does not exist."""


class PostgresError(WarehouseError):
    """The Postgres server cannot take the publication or its readers."""
