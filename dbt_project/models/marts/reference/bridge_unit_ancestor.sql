select
    unit_key,
    ancestor_unit_key,
    programme_code,
    unit_code,
    ancestor_unit_code,
    cast(depth as integer) as depth,
    valid_from,
    valid_to
from {{ ref('stg_unit_ancestor') }}
