-- Base figures carried up the hierarchy, on every boundary; what does not add stays where it is.
with

cells as (

    select * from {{ ref('int_cell') }}

),

lineage as (

    select * from {{ ref('int_unit_lineage') }}

)

select
    lineage.boundary,
    cells.programme_code,
    lineage.ancestor_unit_code as unit_code,
    cells.form_code,
    cells.indicator_code,
    cells.period_key as base_period_key,
    min(cells.kind) as kind,
    sum(cells.value * lineage.share) as value,
    sum(cells.counted_units * lineage.share) as counted_units,
    sum(cells.is_due * lineage.share) as due,
    sum(cells.is_received * lineage.share) as received,
    sum(cells.missing_high * lineage.share) as missing_high,
    max(cells.is_unbounded) as is_unbounded,
    max(lineage.is_estimated) as is_estimated,
    max(cells.is_simulated) as is_simulated,
    max(cells.is_provisional) as is_provisional,
    max(cells.is_inexact) as is_inexact
from cells
inner join lineage
    on
        cells.programme_code = lineage.programme_code
        and cells.unit_code = lineage.unit_code
        and cells.period_key = lineage.period_key
where
    cells.unit_aggregation = 'sum'
    -- a part of what does not add is no figure
    or (lineage.is_self and lineage.share = 1)
group by
    lineage.boundary,
    cells.programme_code,
    lineage.ancestor_unit_code,
    cells.form_code,
    cells.indicator_code,
    cells.period_key
