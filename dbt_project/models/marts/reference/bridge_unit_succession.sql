select
    programme_code,
    from_unit_code,
    to_unit_code,
    effective_date,
    relation,
    cast(share as decimal(9, 8)) as share,
    share_basis,
    is_estimated
from {{ ref('stg_unit_succession') }}
