with

source as (

    select * from {{ source('raw', 'observation') }}

),

renamed as (

    select
        submission_id,
        programme_code,
        measure_code as indicator_code,
        value,
        observation_status,
        qualifier,
        raw_text,
        sheet as source_sheet,
        cell as source_cell
    from source

)

select * from renamed
