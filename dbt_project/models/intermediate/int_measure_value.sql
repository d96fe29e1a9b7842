-- Figures of longer periods from base periods: a flow adds up, a stock is the last base period's.
with

rolled as (

    select * from {{ ref('int_rollup') }}

),

bases as (

    select * from {{ ref('int_form_base') }}

),

summed as (

    select
        rolled.boundary,
        rolled.programme_code,
        rolled.unit_code,
        bases.period_key,
        bases.cumulation,
        rolled.indicator_code,
        rolled.form_code,
        cast(sum(rolled.value) as decimal(38, 8)) as value,
        cast(sum(rolled.counted_units) as decimal(38, 8)) as counted_units,
        -- a report that came early counts; one that is not yet asked for is not missed
        cast(
            sum(case when bases.is_counted then rolled.due else rolled.received end)
            as decimal(18, 8)
        ) as reports_due,
        cast(sum(rolled.received) as decimal(18, 8)) as reports_received,
        cast(
            coalesce(sum(case when bases.is_counted then rolled.missing_high end), 0)
            as decimal(38, 8)
        ) as missing_high,
        max(case when bases.is_counted then rolled.is_unbounded else 0 end) as is_unbounded,
        max(rolled.is_estimated) as is_estimated,
        max(rolled.is_simulated) as is_simulated,
        max(rolled.is_provisional) as is_provisional,
        max(rolled.is_inexact) as is_inexact
    from rolled
    inner join bases
        on
            rolled.programme_code = bases.programme_code
            and rolled.form_code = bases.form_code
            and rolled.base_period_key = bases.base_period_key
    where rolled.kind = 'flow' or bases.is_last
    group by
        rolled.boundary,
        rolled.programme_code,
        rolled.unit_code,
        bases.period_key,
        bases.cumulation,
        rolled.indicator_code,
        rolled.form_code

),

periods as (

    select distinct
        bases.programme_code,
        bases.period_key,
        periods.start_date
    from bases
    inner join {{ ref('stg_period') }} as periods
        on bases.period_key = periods.period_key

),

-- the version of a unit that a figure is put down to; a unit that ended before the period began has
-- no year to date in it
homes as (

    select
        'as_reported' as boundary,
        programme_code,
        unit_code,
        period_key,
        unit_key
    from {{ ref('int_unit_period') }}
    union all
    select
        boundary_units.boundary,
        boundary_units.programme_code,
        boundary_units.unit_code,
        periods.period_key,
        boundary_units.unit_key
    from {{ ref('int_boundary_unit') }} as boundary_units
    inner join periods
        on
            boundary_units.programme_code = periods.programme_code
            and boundary_units.figures_until >= periods.start_date

)

select
    summed.boundary,
    summed.programme_code,
    summed.unit_code,
    summed.period_key,
    summed.cumulation,
    summed.indicator_code,
    homes.unit_key,
    summed.form_code,
    summed.value,
    summed.counted_units,
    summed.reports_due,
    summed.reports_received,
    summed.missing_high,
    summed.is_unbounded,
    summed.is_estimated,
    summed.is_simulated,
    summed.is_provisional,
    summed.is_inexact
from summed
inner join homes
    on
        summed.boundary = homes.boundary
        and summed.programme_code = homes.programme_code
        and summed.unit_code = homes.unit_code
        and summed.period_key = homes.period_key
