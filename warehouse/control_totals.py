"""Control totals: what a parent sent beside what its children can have sent.

One query for both who ask: the standing checks (is there a doubt?) and gate 2 (was the
doubt told?). Children are the units below the parent on the period's last day that send
figures of their own; a child that owes the figure and did not give it, or whose figure
was kept out, bounds the sum from 0 (or its lowest figure) to its highest figure ever
(that one included), else its level's highest.
"""

from __future__ import annotations

CONTROL_TOTALS = """
with figure as (
    select
        s.programme_code, s.form_code, s.unit_code, s.period_key, s.submission_id,
        s.delivery_sha256, s.file_name, s.is_control_total, p.last_day, o.measure_code,
        coalesce(o.sheet, s.sheet) as sheet, o.cell,
        case when o.observation_status in ('reported', 'nil') then o.value end as value
    from raw.observation o
    join raw.submission s on s.submission_id = o.submission_id
    join raw.ref_measure m
        on m.programme_code = s.programme_code and m.indicator_code = o.measure_code
    left join (
        select period_key, cast(end_date - 1 as date) as last_day from raw.ref_period
    ) p on p.period_key = s.period_key
    where s.status = 'accepted' and m.unit_aggregation = 'sum'
),
control as (
    select * from figure where is_control_total and value is not null
),
own as (
    select * from figure where not is_control_total
),
below as (
    select
        a.programme_code, a.ancestor_unit_code as unit_code, a.unit_code as child_code,
        u.level as child_level,
        greatest(a.valid_from, u.valid_from) as valid_from,
        least(a.valid_to, u.valid_to) as valid_to
    from raw.ref_unit_ancestor a
    join raw.ref_unit u on u.unit_key = a.unit_key
    where a.depth > 0
),
child as (
    select distinct
        c.programme_code, c.form_code, c.unit_code, c.period_key, p.end_date, p.year,
        b.child_code, b.child_level
    from (
        select distinct programme_code, form_code, unit_code, period_key from control
    ) c
    join raw.ref_period p on p.period_key = c.period_key
    join below b
        on b.programme_code = c.programme_code and b.unit_code = c.unit_code
        and b.valid_from < p.end_date and b.valid_to >= p.end_date
),
owing as (
    select distinct
        c.programme_code, c.form_code, c.unit_code, c.period_key, c.child_code,
        c.child_level, s.submission_id
    from child c
    join raw.ref_form f
        on f.programme_code = c.programme_code and f.form_code = c.form_code
        and coalesce(f.first_year, c.year) <= c.year
        and f.valid_from < c.end_date and f.valid_to >= c.end_date
    join raw.ref_form_due d
        on d.programme_code = c.programme_code and d.form_code = c.form_code
        and (d.level = c.child_level or d.unit_code = c.child_code)
        and d.since < c.end_date and d.until >= c.end_date
    left join raw.submission s
        on s.programme_code = c.programme_code and s.form_code = c.form_code
        and s.unit_code = c.child_code and s.period_key = c.period_key
        and s.status = 'accepted'
    where not exists (
        select 1 from raw.ref_form_control k
        where k.programme_code = c.programme_code and k.form_code = c.form_code
            and k.level = c.child_level
    )
),
kept_out as (
    select
        submission_id, indicator_code as measure_code,
        max(try_cast(observed as decimal(24, 4))) as highest
    from raw.finding
    where severity = 'ERROR'
    group by all
),
unit_range as (
    select
        programme_code, unit_code, measure_code,
        min(value) as lowest, max(value) as highest
    from own
    group by all
),
level_range as (
    select
        o.programme_code, u.level, o.measure_code,
        min(o.value) as lowest, max(o.value) as highest
    from own o
    join raw.ref_period p on p.period_key = o.period_key
    join raw.ref_unit u
        on u.programme_code = o.programme_code and u.unit_code = o.unit_code
        and u.valid_from < p.end_date and u.valid_to >= p.end_date
    group by all
),
present as (
    select
        c.programme_code, c.form_code, c.unit_code, c.period_key, o.measure_code,
        sum(o.value) as children_sum, count(o.value) as children_present
    from child c
    join own o
        on o.programme_code = c.programme_code and o.form_code = c.form_code
        and o.unit_code = c.child_code and o.period_key = c.period_key
    group by all
),
absent as (
    select
        c.programme_code, c.form_code, c.unit_code, c.period_key, c.measure_code,
        w.child_code,
        least(0, coalesce(r.lowest, l.lowest)) as lowest,
        case
            when m.value_type = 'yes_no' then 1
            else greatest(k.highest, coalesce(r.highest, l.highest))
        end as highest
    from control c
    join raw.ref_measure m
        on m.programme_code = c.programme_code and m.indicator_code = c.measure_code
    join owing w
        on w.programme_code = c.programme_code and w.form_code = c.form_code
        and w.unit_code = c.unit_code and w.period_key = c.period_key
    left join kept_out k
        on k.submission_id = w.submission_id and k.measure_code = c.measure_code
    left join own o
        on o.programme_code = c.programme_code and o.form_code = c.form_code
        and o.unit_code = w.child_code and o.period_key = c.period_key
        and o.measure_code = c.measure_code
    left join unit_range r
        on r.programme_code = c.programme_code and r.unit_code = w.child_code
        and r.measure_code = c.measure_code
    left join level_range l
        on l.programme_code = c.programme_code and l.level = w.child_level
        and l.measure_code = c.measure_code
    where o.unit_code is null
        -- an optional cell left empty in a report that came is no gap
        and (
            m.is_required or w.submission_id is null or k.submission_id is not null
        )
),
missing as (
    select
        programme_code, form_code, unit_code, period_key, measure_code,
        count(*) as children_missing,
        array_to_string(list(child_code order by child_code)[1:5], ', ')
            as missing_codes,
        sum(lowest) as lowest,
        case when count(highest) = count(*) then sum(highest) end as highest
    from absent
    group by all
),
unit_name as (
    select
        programme_code, unit_code,
        max_by(name_vi, valid_from) as unit_name_vi,
        max_by(name_en, valid_from) as unit_name_en
    from raw.ref_unit
    group by all
)
select
    c.programme_code, c.form_code, c.unit_code, c.period_key, c.measure_code,
    c.last_day, c.submission_id, c.delivery_sha256, c.file_name, c.sheet, c.cell,
    n.unit_name_vi, n.unit_name_en,
    m.name_vi as measure_name_vi, m.name_en as measure_name_en,
    c.value as control, p.children_sum,
    coalesce(p.children_present, 0) as children_present,
    coalesce(x.children_missing, 0) as children_missing, x.missing_codes,
    case
        when p.children_present > 0 or x.children_missing > 0
            then coalesce(p.children_sum, 0) + coalesce(x.lowest, 0)
    end as lowest,
    case
        when x.children_missing > 0 then coalesce(p.children_sum, 0) + x.highest
        when p.children_present > 0 then p.children_sum
    end as highest
from control c
left join present p using (
    programme_code, form_code, unit_code, period_key, measure_code
)
left join missing x using (
    programme_code, form_code, unit_code, period_key, measure_code
)
join raw.ref_measure m
    on m.programme_code = c.programme_code and m.indicator_code = c.measure_code
left join unit_name n
    on n.programme_code = c.programme_code and n.unit_code = c.unit_code
"""
"""One row per control total of a measure that adds up over units.

`lowest` and `highest` bound what the children can add up to; both null where no child
has to send anything, `highest` null where a missing child's figure was never known.
"""
