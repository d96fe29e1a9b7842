with

source as (

    select * from {{ source('raw', 'ref_indicator') }}

),

renamed as (

    select
        programme_code,
        indicator_code,
        parent_indicator_code,
        breakdown_code,
        member_code,
        name_vi,
        name_en,
        kind,
        unit_of_measure,
        direction,
        numerator,
        denominator,
        scale,
        time_aggregation,
        unit_aggregation,
        decimals
    from source

)

select * from renamed
