with

source as (

    select * from {{ source('raw', 'delivery') }}
    where {{ is_known('received_at') }}

),

renamed as (

    select
        delivery_sha256,
        programme_code,
        source_code,
        origin,
        file_name,
        size_bytes,
        status,
        received_at,
        recorded_at,
        is_simulated
    from source

)

select * from renamed
