-- Ratios that cannot exceed one: above the line a part of what stands below it, report by report.
with

measures as (

    select * from {{ ref('stg_measure') }}

),

-- what gate 1 keeps out when it is greater: a part than its whole, a member than its total
steps as (

    select
        programme_code,
        indicator_code as part_code,
        part_of_code as whole_code
    from measures
    where part_of_severity = 'ERROR' and not may_be_negative
    union
    select
        programme_code,
        indicator_code as part_code,
        parent_indicator_code as whole_code
    from measures
    where parent_indicator_code is not null and not may_be_negative

),

-- a part of a part is a part; longer chains than three are not followed, which widens bounds only
second_steps as (

    select
        steps.programme_code,
        steps.part_code,
        above.whole_code
    from steps
    inner join steps as above
        on
            steps.programme_code = above.programme_code
            and steps.whole_code = above.part_code

),

wholes as (

    select * from steps
    union
    select * from second_steps
    union
    select
        second_steps.programme_code,
        second_steps.part_code,
        above.whole_code
    from second_steps
    inner join steps as above
        on
            second_steps.programme_code = above.programme_code
            and second_steps.whole_code = above.part_code

),

indicator_parts as (

    select * from {{ ref('stg_indicator_part') }}

),

-- two parts of one whole may overlap, so that their sum may exceed it
single as (

    select
        indicator_parts.programme_code,
        indicator_parts.indicator_code,
        min(indicator_parts.measure_code) as part_code
    from indicator_parts
    inner join {{ ref('stg_indicator') }} as indicators
        on
            indicator_parts.programme_code = indicators.programme_code
            and indicator_parts.indicator_code = indicators.indicator_code
    where indicators.kind = 'ratio' and indicator_parts.role = 'numerator'
    group by indicator_parts.programme_code, indicator_parts.indicator_code
    having count(*) = 1

)

select
    single.programme_code,
    single.indicator_code,
    single.part_code,
    min(wholes.whole_code) as whole_code
from single
inner join wholes
    on
        single.programme_code = wholes.programme_code
        and single.part_code = wholes.part_code
inner join indicator_parts as below_line
    on
        single.programme_code = below_line.programme_code
        and single.indicator_code = below_line.indicator_code
        and wholes.whole_code = below_line.measure_code
        and below_line.role = 'denominator'
inner join measures as parts
    on
        single.programme_code = parts.programme_code
        and single.part_code = parts.indicator_code
inner join measures as whole_measures
    on
        wholes.programme_code = whole_measures.programme_code
        and wholes.whole_code = whole_measures.indicator_code
        -- a flow of several periods may well exceed the last of a stock
        and parts.kind = whole_measures.kind
        and parts.form_code = whole_measures.form_code
        and parts.unit_aggregation = whole_measures.unit_aggregation
group by single.programme_code, single.indicator_code, single.part_code
