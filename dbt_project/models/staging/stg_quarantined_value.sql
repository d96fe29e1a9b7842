with

source as (

    select * from {{ source('raw', 'quarantined_value') }}

),

renamed as (

    select
        submission_id,
        programme_code,
        measure_code as indicator_code,
        sheet as source_sheet,
        cell as source_cell
    from source

)

select * from renamed
