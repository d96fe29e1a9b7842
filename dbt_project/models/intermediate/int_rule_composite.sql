-- All of several promises: kept when every part is, missed as soon as one is.
with

questions as (

    select * from {{ ref('int_target_assessment') }}
    where target_kind = 'composite'

),

-- one row per part, judged or not
judged_parts as (

    select
        questions.target_key,
        questions.unit_code,
        questions.period_key,
        questions.has_begun,
        parts.part_target_code,
        judgements.reports_due,
        judgements.reports_received,
        judgements.is_complete,
        judgements.is_estimated,
        judgements.is_provisional,
        judgements.is_simulated,
        case
            when judgements.verdict is not null then judgements.verdict
            when questions.period_type = 'month' or not questions.has_begun then 'not_due'
            else 'cannot_judge'
        end as verdict
    from questions
    inner join {{ ref('stg_target_part') }} as parts
        on questions.target_key = parts.target_key
    left join {{ ref('int_target_judgement') }} as judgements
        on
            parts.programme_code = judgements.programme_code
            and parts.part_target_code = judgements.target_code
            and questions.unit_code = judgements.unit_code
            and questions.period_key = judgements.period_key

),

counted as (

    select
        target_key,
        unit_code,
        period_key,
        has_begun,
        count(*) as part_count,
        sum(case when verdict = 'met' then 1 else 0 end) as met,
        sum(case when verdict in ('met', 'on_track') then 1 else 0 end) as kept,
        sum(case when verdict = 'not_met' then 1 else 0 end) as not_met,
        sum(case when verdict in ('not_met', 'off_track') then 1 else 0 end) as missed,
        sum(case when verdict = 'cannot_judge' then 1 else 0 end) as unknown,
        sum(case when verdict = 'not_due' then 1 else 0 end) as not_due,
        -- parts often come on one form: the most that any of them asks for, less the most missing
        max(reports_due) as reports_due,
        max(reports_due) - max(reports_due - reports_received) as reports_received,
        min(case when coalesce(is_complete, verdict <> 'cannot_judge') then 1 else 0 end) = 1
            as is_complete,
        max(case when coalesce(is_estimated, false) then 1 else 0 end) = 1 as is_estimated,
        max(case when coalesce(is_provisional, false) then 1 else 0 end) = 1 as is_provisional,
        max(case when coalesce(is_simulated, false) then 1 else 0 end) = 1 as is_simulated
    from judged_parts
    group by target_key, unit_code, period_key, has_begun

),

reasoned as (

    select
        *,
        -- a part without a case is neither kept nor missed, so the whole is neither
        case
            when not has_begun then 'period_not_begun'
            when missed > 0 then 'part_missed'
            when unknown > 0 then 'part_unknown'
            when not_due > 0 then 'part_not_due'
            when kept < part_count then 'part_without_case'
            else 'parts_kept'
        end as verdict_reason
    from counted

),

-- the parts that the reason is about, by name
open_parts as (

    select
        reasoned.target_key,
        reasoned.unit_code,
        reasoned.period_key,
        {{ joined_text('parts.part_target_code', ', ', 'parts.part_target_code') }} as part_codes
    from reasoned
    inner join judged_parts as parts
        on
            reasoned.target_key = parts.target_key
            and reasoned.unit_code = parts.unit_code
            and reasoned.period_key = parts.period_key
    where
        (reasoned.verdict_reason = 'part_missed' and parts.verdict in ('not_met', 'off_track'))
        or (reasoned.verdict_reason = 'part_unknown' and parts.verdict = 'cannot_judge')
        or (reasoned.verdict_reason = 'part_not_due' and parts.verdict = 'not_due')
        or (reasoned.verdict_reason = 'part_without_case' and parts.verdict = 'no_case')
    group by reasoned.target_key, reasoned.unit_code, reasoned.period_key

)

select
    reasoned.target_key,
    reasoned.unit_code,
    reasoned.period_key,
    cast(reasoned.kept as decimal(30, 8)) as actual,
    cast(reasoned.part_count as decimal(30, 8)) as required,
    cast(reasoned.kept as decimal(30, 8)) as value_if_missing_low,
    cast(reasoned.part_count - reasoned.missed as decimal(30, 8)) as value_if_missing_high,
    case reasoned.verdict_reason
        when 'period_not_begun' then 'not_due'
        when 'part_missed'
            then case when reasoned.not_met > 0 then 'not_met' else 'off_track' end
        when 'part_unknown' then 'cannot_judge'
        when 'part_not_due' then 'not_due'
        when 'part_without_case' then 'no_case'
        when 'parts_kept'
            then case when reasoned.met = reasoned.part_count then 'met' else 'on_track' end
    end as verdict,
    reasoned.verdict_reason,
    open_parts.part_codes,
    cast(reasoned.reports_due as decimal(18, 8)) as reports_due,
    cast(reasoned.reports_received as decimal(18, 8)) as reports_received,
    reasoned.is_complete,
    reasoned.is_estimated,
    reasoned.is_provisional,
    reasoned.is_simulated
from reasoned
left join open_parts
    on
        reasoned.target_key = open_parts.target_key
        and reasoned.unit_code = open_parts.unit_code
        and reasoned.period_key = open_parts.period_key
