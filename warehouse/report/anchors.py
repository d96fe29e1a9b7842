"""Places on the findings page that a scorecard points at."""

from __future__ import annotations

import pandas as pd

from warehouse.home import Home
from warehouse.published import open_published
from warehouse.report.cards import slug

_PLACES = """
    with parts as (
        select distinct i.indicator_code, trim(listed.code) as measure_code
        from marts.dim_target t
        join marts.dim_indicator i on i.programme_code = t.programme_code
            and i.indicator_code = t.indicator_code,
        unnest(string_split(
            case when i.kind in ('flow', 'stock') then i.indicator_code
                else concat_ws(',', i.numerator, i.denominator) end, ','
        )) as listed(code)
        where t.programme_code = $programme
    )
    select distinct f.finding_id, parts.indicator_code, a.unit_code
    from marts.fct_finding f
    join parts on parts.measure_code = f.indicator_code
    join marts.bridge_unit_ancestor b on b.unit_key = f.unit_key
    join marts.dim_unit a on a.unit_key = b.ancestor_unit_key
    where f.programme_code = $programme and f.status in ('open', 'waived')
    order by all
"""


def findings_anchor(indicator_code: str, unit_code: str) -> str:
    """Where the findings on an indicator, in a unit and all below it, begin."""
    return f"f-{slug(indicator_code)}-{slug(unit_code)}"


def finding_places(home: Home, programme_code: str) -> pd.DataFrame:
    """One row per unresolved finding, indicator of a target behind it, unit above."""
    with open_published(home) as connection:
        result = connection.execute(_PLACES, {"programme": programme_code})
        return result.to_arrow_table().to_pandas()
