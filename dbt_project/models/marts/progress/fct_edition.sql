select
    editions.edition_code,
    editions.edition_kind,
    editions.published_at,
    editions.closed_at,
    editions.as_of_date,
    editions.closed_by,
    editions.closed_reason,
    {{ edition_columns('edition_rows') }}
from {{ ref('stg_edition') }} as editions
inner join {{ ref('stg_edition_row') }} as edition_rows
    on
        editions.programme_code = edition_rows.programme_code
        and editions.edition_code = edition_rows.edition_code
