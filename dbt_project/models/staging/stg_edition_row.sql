with

source as (

    select * from {{ source('raw', 'edition_row') }}

),

renamed as (

    select
        edition_code,
        {{ edition_columns() }}
    from source

)

select * from renamed
