with

source as (

    select * from {{ source('raw', 'ref_measure') }}

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
        value_type,
        unit_of_measure,
        direction,
        unit_aggregation,
        decimals,
        form_code,
        is_required,
        part_of_code,
        part_of_severity,
        may_be_negative
    from source

)

select * from renamed
