with

bounds as (

    select
        min(start_date) as first_date,
        max(end_date) as end_date
    from {{ ref('dim_period') }}

),

digits as (

    select 0 as digit
    {% for digit in range(1, 10) %}
        union all
        select {{ digit }} as digit
    {% endfor %}

),

-- 10,000 days are 27 years, longer than any list of terms
numbers as (

    select ones.digit + 10 * tens.digit + 100 * hundreds.digit + 1000 * thousands.digit as days
    from digits as ones
    cross join digits as tens
    cross join digits as hundreds
    cross join digits as thousands

),

days as (

    select
        {{ days_after('bounds.first_date', 'numbers.days') }} as date_day,
        bounds.end_date
    from bounds
    cross join numbers

)

select date_day
from days
where date_day < end_date
