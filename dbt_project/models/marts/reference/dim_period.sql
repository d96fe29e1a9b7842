select
    period_key,
    calendar_code,
    period_type,
    label_vi,
    label_en,
    start_date,
    end_date,
    {{ day_before('end_date') }} as last_date,
    cast(year as integer) as year,
    cast(period_number as integer) as period_number,
    year_period_key,
    previous_period_key,
    same_period_last_year_key,
    end_date <= {{ as_of_date() }} as is_closed,
    start_date <= {{ as_of_date() }} as has_begun
from {{ ref('stg_period') }}
