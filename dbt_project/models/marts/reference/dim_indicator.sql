with

indicators as (

    select * from {{ ref('stg_indicator') }}

),

measures as (

    select * from {{ ref('stg_measure') }}

)

select
    indicators.indicator_code,
    indicators.programme_code,
    indicators.parent_indicator_code,
    indicators.breakdown_code,
    indicators.member_code,
    indicators.name_vi,
    indicators.name_en,
    indicators.kind,
    measures.value_type,
    indicators.unit_of_measure,
    indicators.direction,
    indicators.numerator,
    indicators.denominator,
    cast(indicators.scale as decimal(12, 4)) as scale,
    indicators.time_aggregation,
    indicators.unit_aggregation,
    cast(indicators.decimals as integer) as decimals,
    measures.form_code,
    measures.indicator_code is not null as is_measure
from indicators
left join measures
    on
        indicators.programme_code = measures.programme_code
        and indicators.indicator_code = measures.indicator_code
