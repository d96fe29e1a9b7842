"""The ledger: what was received, how it was judged, what was published, who decided.

Belongs here: its tables (`models`), their history (`migrations`), the ranking of
versions, and `Ledger`, the only way in. SQLite by default, Postgres by URL.
Does not belong here: bytes (`warehouse.landing`), values (schema raw, rebuilt at will),
rules (`expectations`).
"""

from warehouse.ledger.store import Ledger

__all__ = ["Ledger"]
