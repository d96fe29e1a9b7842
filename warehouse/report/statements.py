"""The statements that read a scorecard from the published marts."""
# ruff: noqa: S608  - put together from constants only

from __future__ import annotations

from warehouse.raw_schema import LABELS

_FREEZING = (
    "'edition_code', 'edition_kind', 'published_at', 'closed_at', 'as_of_date', "
    "'closed_by', 'closed_reason'"
)
"""What an edition says of itself; the rest are columns of a verdict, and names."""
_NAMES_FROZEN = ", ".join(f"'{name}'" for name in LABELS)

TARGETS = """
    select
        t.*, i.name_vi as indicator_name_vi, i.name_en as indicator_name_en,
        i.unit_of_measure, i.direction, i.numerator as numerator_code,
        i.denominator as denominator_code, i.scale, i.decimals, i.kind,
        case t.quantity when 'reduction_pct' then '%' when 'composite' then 'phần'
            else i.unit_of_measure end as actual_unit
    from marts.dim_target t
    left join marts.dim_indicator i
        on i.programme_code = t.programme_code and i.indicator_code = t.indicator_code
    where t.programme_code = $programme
    order by t.is_commitment, t.target_code, t.valid_from
"""
_NAMED = """
    u.name_vi as unit_name_vi, u.name_en as unit_name_en, u.level, u.level_name_vi,
    d.period_type, d.year, d.last_date, d.end_date, d.is_closed, d.has_begun,
    d.label_vi as period_label_vi, d.label_en as period_label_en
"""
LATEST = f"""
    select
        s.target_key, s.unit_key, s.period_key, s.target_code, s.unit_code,
        s.is_scope_unit, s.is_commitment, s.open_finding_count,
        s.verdict, s.verdict_reason_vi, s.verdict_reason_en, s.is_simulated, {_NAMED},
        p.* exclude (
            target_key, unit_key, period_key, target_code, unit_code, is_scope_unit,
            programme_code, verdict, verdict_reason_vi, verdict_reason_en, is_simulated
        )
    from marts.rpt_term_scorecard s
    left join marts.fct_target_progress p
        on p.target_key = s.target_key and p.unit_key = s.unit_key
        and p.period_key = s.period_key
    left join marts.dim_unit u on u.unit_key = s.unit_key
    left join marts.dim_period d on d.period_key = s.period_key
    where s.programme_code = $programme
"""
LATEST_FROZEN = f"""
    select
        p.*, false as is_commitment, u.level, u.level_name_vi, d.period_type, d.year,
        d.last_date, d.end_date, d.is_closed, d.has_begun
    from (
        select columns(lambda c: c not in ({_FREEZING})) from marts.fct_edition
        where programme_code = $programme and edition_code = $edition
    ) p
    left join marts.dim_unit u on u.unit_key = p.unit_key
    left join marts.dim_period d on d.period_key = p.period_key
    union all by name
    select
        target_key, unit_key, target_code, unit_code, is_scope_unit, is_commitment,
        verdict, verdict_reason_vi, verdict_reason_en, is_simulated, unit_name_vi,
        unit_name_en, level
    from marts.rpt_term_scorecard
    where programme_code = $programme and is_commitment
"""
IN_PLACE = "marts.fct_target_progress"
FROZEN = f"""(
    select columns(lambda c: c not in ({_FREEZING}, {_NAMES_FROZEN}))
    from marts.fct_edition
    where published_at <= cast($until as timestamp)
    qualify row_number() over (
        partition by programme_code, target_code, unit_code, period_key
        order by published_at desc, edition_code desc
    ) = 1
)"""
HISTORY = """
    select
        p.*, d.period_type, d.year, d.last_date, d.end_date, d.is_closed, d.has_begun,
        d.label_vi as period_label_vi, d.label_en as period_label_en
    from {source} p
    join marts.dim_period d on d.period_key = p.period_key
    where p.programme_code = $programme and p.is_scope_unit and d.has_begun
        and d.end_date <= coalesce(cast($last_day as date), d.end_date)
    order by p.target_code, p.unit_code, d.end_date, d.period_type
"""
YEARS = """
    select distinct d.year
    from marts.fct_target_progress p
    join marts.dim_period d on d.period_key = p.period_key
    where p.programme_code = $programme and d.period_type = 'year'
    order by d.year
"""
EDITIONS = """
    select distinct
        e.edition_code, e.edition_kind, e.published_at, e.closed_at, e.closed_by,
        e.closed_reason,
        e.period_key, e.as_of_date, d.label_vi as period_label_vi,
        d.label_en as period_label_en, d.end_date
    from marts.fct_edition e
    left join marts.dim_period d on d.period_key = e.period_key
    where e.programme_code = $programme
    order by e.published_at, e.edition_code
"""
REVISIONS = """
    select
        target_code, unit_code, period_key, is_scope_unit, edition_code, published_at,
        period_label_vi, period_label_en, actual_then, actual_now, verdict_then,
        verdict_now, why_vi, why_en
    from marts.rpt_edition_revision
    where programme_code = $programme and is_revised
    order by is_scope_unit desc, target_code, unit_code, period_key
"""
REVISIONS_FROZEN = """
    with earlier as (
        select * from marts.fct_edition
        where published_at < cast($until as timestamp) and edition_code <> $edition
        qualify row_number() over (
            partition by programme_code, target_code, unit_code, period_key
            order by published_at desc, edition_code desc
        ) = 1
    )
    select
        this.target_code, this.unit_code, this.period_key, this.is_scope_unit,
        earlier.edition_code, earlier.published_at, this.period_label_vi,
        this.period_label_en, earlier.actual as actual_then, this.actual as actual_now,
        earlier.verdict as verdict_then, this.verdict as verdict_now,
        null as why_vi, null as why_en
    from marts.fct_edition this
    join earlier on earlier.programme_code = this.programme_code
        and earlier.target_code = this.target_code
        and earlier.unit_code = this.unit_code and earlier.period_key = this.period_key
    where this.programme_code = $programme and this.edition_code = $edition
        and (earlier.verdict is distinct from this.verdict
            or earlier.actual is distinct from this.actual)
    order by this.is_scope_unit desc, this.target_code, this.unit_code, this.period_key
"""
