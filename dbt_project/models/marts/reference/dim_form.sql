select
    form_code,
    programme_code,
    name_vi,
    name_en,
    frequency,
    calendar_code,
    template_version,
    cast(first_year as integer) as first_year,
    valid_from,
    valid_to
from {{ ref('stg_form') }}
