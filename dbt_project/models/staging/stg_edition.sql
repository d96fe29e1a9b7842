with

source as (

    select * from {{ source('raw', 'edition') }}

),

renamed as (

    select
        programme_code,
        edition_code,
        period_key,
        kind as edition_kind,
        number as edition_number,
        closed_at,
        published_at,
        as_of_date,
        publication_id,
        closed_by,
        reason as closed_reason,
        rows_sha256,
        row_count
    from source

)

select * from renamed
