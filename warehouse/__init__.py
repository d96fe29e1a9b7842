"""Everything that is kept: bytes, the ledger, schema raw, the publication.

Belongs here: landing (bytes by content), the ledger (deliveries, submissions,
findings), the load into schema `raw`, the publication for BI, and reading what was
published. The only home of duckdb and sqlalchemy.
Does not belong here: reading workbooks (`sources`), judging values (`expectations`),
SQL of the star (`dbt_project`), the order of steps (`orchestration`).
"""
