-- The lower bound of load and build: facts and their sums, straight from schema raw.
create table fct_observation as
with unit_period as (
    select
        units.programme_code, units.unit_code, periods.period_key,
        arg_max(units.unit_key, units.valid_from) as unit_key,
        max(least(periods.end_date, units.valid_to)) - interval 1 day as last_day
    from raw.ref_unit as units
    join raw.ref_period as periods
        on periods.end_date > units.valid_from and periods.start_date < units.valid_to
    where periods.period_key in (select period_key from raw.submission)
    group by all
)
select
    unit_period.unit_key, submissions.period_key,
    observations.measure_code as indicator_code, observations.value,
    observations.observation_status, observations.submission_id,
    observations.cell as source_cell, submissions.recorded_at,
    unit_period.last_day, measures.kind
from raw.observation as observations
join raw.submission as submissions using (submission_id)
join raw.ref_measure as measures
    on measures.programme_code = submissions.programme_code
    and measures.indicator_code = observations.measure_code
left join unit_period
    on unit_period.programme_code = submissions.programme_code
    and unit_period.unit_code = submissions.unit_code
    and unit_period.period_key = submissions.period_key
where
    submissions.status = 'accepted' and submissions.accepted_from is not null
    and (not submissions.is_control_total or measures.unit_aggregation <> 'sum');

create table sums as
select
    ancestors.ancestor_unit_code as unit_code, parts.period_key,
    facts.indicator_code, sum(facts.value) as value
from fct_observation as facts
join raw.ref_unit_ancestor as ancestors
    on ancestors.unit_key = facts.unit_key
    and facts.last_day >= ancestors.valid_from
    and facts.last_day < ancestors.valid_to
join raw.ref_period_part as parts on parts.part_period_key = facts.period_key
where facts.kind = 'flow' and facts.observation_status in ('reported', 'nil')
group by all;
