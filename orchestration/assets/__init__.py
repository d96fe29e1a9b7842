"""Assets: thin wrappers over `orchestration.steps`, one module per stretch of the way.

Belongs here: names, groups, owners, kinds, metadata, retries, pools. Does not belong
here: logic that a test would want without dagster (put it in `steps/`).
"""

OWNERS = ["team:data-maintainers"]
WAREHOUSE_POOL = "warehouse"
"""Pool of one: everything that writes the build file waits here."""
