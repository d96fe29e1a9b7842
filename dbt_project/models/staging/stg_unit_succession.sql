with

source as (

    select * from {{ source('raw', 'ref_unit_succession') }}

),

renamed as (

    select
        programme_code,
        from_unit_code,
        to_unit_code,
        effective_date,
        relation,
        share,
        share_basis,
        is_estimated
    from source

)

select * from renamed
