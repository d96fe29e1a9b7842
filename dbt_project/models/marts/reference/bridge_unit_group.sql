select
    programme_code,
    group_code,
    unit_code,
    valid_from,
    valid_to
from {{ ref('stg_unit_group') }}
