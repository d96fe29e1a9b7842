"""The publication on a Postgres server: loaded beside, secured, swapped in at once.

Belongs here: tables, keys, comments, the COPY, the swap, and who may read which rows.
Does not belong here: the ledger (`warehouse.ledger`), what a mart says (`dbt_project`),
the DuckDB file and Parquet (`warehouse.publish`), BI tools (`warehouse/bi`).

On the server there are:

- schema `marts`: the star of one publication, with keys, comments and row security;
- schema `marts_suppressed`: the same tables as views, small counts left out;
- schema `nhiemky`: what outlives a publication (its log, who may read what).
"""
