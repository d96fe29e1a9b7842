-- On which boundary a change of a unit is compared, so that both figures have one territory.
with

ancestors as (

    select * from {{ ref('stg_unit_ancestor') }}

),

last_versions as (

    select
        programme_code,
        unit_code,
        unit_key,
        valid_to,
        is_current,
        {{ day_before('valid_to') }} as last_day,
        row_number() over (partition by programme_code, unit_code order by valid_from desc)
            as recency
    from {{ ref('stg_unit') }}

),

ended as (

    select * from last_versions
    where recency = 1 and not is_current

),

-- what lay in the unit's territory on its last day, whoever reported it before
held as (

    select
        ended.programme_code,
        ended.unit_code as territory_code,
        restatements.unit_code,
        restatements.valid_from,
        least(restatements.valid_to, ended.valid_to) as valid_to,
        sum(restatements.share) as share
    from ended
    inner join ancestors
        on
            ended.programme_code = ancestors.programme_code
            and ended.unit_key = ancestors.ancestor_unit_key
            and ended.last_day >= ancestors.valid_from
            and ended.last_day < ancestors.valid_to
    inner join {{ ref('stg_unit_restatement') }} as restatements
        on
            ancestors.programme_code = restatements.programme_code
            and ancestors.unit_code = restatements.to_unit_code
            and ended.last_day >= restatements.boundary_from
            and ended.last_day < restatements.boundary_to
            and ended.last_day >= restatements.valid_from
    group by
        ended.programme_code,
        ended.unit_code,
        restatements.unit_code,
        restatements.valid_from,
        least(restatements.valid_to, ended.valid_to)

),

-- what was counted in it at the time
counted as (

    select
        ended.programme_code,
        ended.unit_code as territory_code,
        ancestors.unit_code,
        ancestors.valid_from,
        ancestors.valid_to
    from ended
    inner join ancestors
        on
            ended.programme_code = ancestors.programme_code
            and ended.unit_code = ancestors.ancestor_unit_code

),

held_days as (

    select
        programme_code,
        territory_code,
        min(share) as lowest_share,
        sum({{ days_between('valid_from', 'valid_to') }}) as days
    from held
    group by programme_code, territory_code

),

counted_days as (

    select
        programme_code,
        territory_code,
        sum({{ days_between('valid_from', 'valid_to') }}) as days
    from counted
    group by programme_code, territory_code

),

common_days as (

    select
        held.programme_code,
        held.territory_code,
        sum(
            {{ days_between(
                'greatest(held.valid_from, counted.valid_from)',
                'least(held.valid_to, counted.valid_to)'
            ) }}
        ) as days
    from held
    inner join counted
        on
            held.programme_code = counted.programme_code
            and held.territory_code = counted.territory_code
            and held.unit_code = counted.unit_code
            and held.valid_from < counted.valid_to
            and held.valid_to > counted.valid_from
    group by held.programme_code, held.territory_code

),

changed as (

    select
        held_days.programme_code,
        held_days.territory_code
    from held_days
    inner join counted_days
        on
            held_days.programme_code = counted_days.programme_code
            and held_days.territory_code = counted_days.territory_code
    inner join common_days
        on
            held_days.programme_code = common_days.programme_code
            and held_days.territory_code = common_days.territory_code
    where
        held_days.lowest_share < 1
        or held_days.days <> common_days.days
        or counted_days.days <> common_days.days

)

select
    last_versions.programme_code,
    last_versions.unit_code,
    case
        when last_versions.is_current then 'current'
        when changed.territory_code is not null then 'as_ended'
        else 'as_reported'
    end as boundary
from last_versions
left join changed
    on
        last_versions.programme_code = changed.programme_code
        and last_versions.unit_code = changed.territory_code
where last_versions.recency = 1
