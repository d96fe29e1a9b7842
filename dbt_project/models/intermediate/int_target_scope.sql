-- Whose figure a target is judged by: its scope itself, and the levels shown below it.
with

target_periods as (

    select * from {{ ref('int_target_period') }}

),

unit_periods as (

    select * from {{ ref('int_unit_period') }}
    where is_alive_at_end and period_type in ('month', 'year', 'term')

),

ancestors as (

    select * from {{ ref('stg_unit_ancestor') }}

),

memberships as (

    select * from {{ ref('stg_unit_group') }}

),

scoped as (

    select
        target_periods.target_key,
        target_periods.period_key,
        unit_periods.unit_code,
        unit_periods.unit_key,
        1 as is_scope
    from target_periods
    inner join unit_periods
        on
            target_periods.programme_code = unit_periods.programme_code
            and target_periods.period_key = unit_periods.period_key
            and (
                (
                    target_periods.scope_type = 'unit'
                    and target_periods.scope_code = unit_periods.unit_code
                )
                or (
                    target_periods.scope_type = 'level'
                    and target_periods.scope_code = unit_periods.level
                )
            )
    union all
    select
        target_periods.target_key,
        target_periods.period_key,
        unit_periods.unit_code,
        unit_periods.unit_key,
        1 as is_scope
    from target_periods
    inner join memberships
        on
            target_periods.programme_code = memberships.programme_code
            and target_periods.scope_code = memberships.group_code
    inner join unit_periods
        on
            target_periods.programme_code = unit_periods.programme_code
            and target_periods.period_key = unit_periods.period_key
            and memberships.unit_code = unit_periods.unit_code
            and memberships.valid_from <= unit_periods.effective_day
            and memberships.valid_to > unit_periods.effective_day
    where target_periods.scope_type = 'group'
    union all
    select
        target_periods.target_key,
        target_periods.period_key,
        unit_periods.unit_code,
        unit_periods.unit_key,
        0 as is_scope
    from target_periods
    inner join {{ ref('stg_target_level') }} as levels
        on target_periods.target_key = levels.target_key
    inner join unit_periods
        on
            target_periods.programme_code = unit_periods.programme_code
            and target_periods.period_key = unit_periods.period_key
            and levels.level = unit_periods.level
    inner join ancestors
        on
            unit_periods.unit_key = ancestors.unit_key
            and unit_periods.effective_day >= ancestors.valid_from
            and unit_periods.effective_day < ancestors.valid_to
    inner join {{ ref('stg_unit') }} as above
        on ancestors.ancestor_unit_key = above.unit_key
    left join memberships
        on
            target_periods.programme_code = memberships.programme_code
            and target_periods.scope_type = 'group'
            and target_periods.scope_code = memberships.group_code
            and ancestors.ancestor_unit_code = memberships.unit_code
            and unit_periods.effective_day >= memberships.valid_from
            and unit_periods.effective_day < memberships.valid_to
    where
        (
            target_periods.scope_type = 'unit'
            and target_periods.scope_code = ancestors.ancestor_unit_code
        )
        or (target_periods.scope_type = 'level' and target_periods.scope_code = above.level)
        or memberships.unit_code is not null

)

select
    target_key,
    period_key,
    unit_code,
    unit_key,
    max(is_scope) = 1 as is_scope
from scoped
group by target_key, period_key, unit_code, unit_key
