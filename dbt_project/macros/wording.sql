{#- Words that a person reads, in both languages. -#}

{#- A target's test in short: "giảm ≥ 5 % mỗi năm", "≥ 70 % by the end of the term". -#}
{% macro requirement_text(target, unit, language) -%}
    {%- set vi = language == "vi" -%}
    case
        when {{ target }}.rhythm = 'none' or {{ target }}.quantity = 'none'
            then '{{ "không nêu số" if vi else "no number given" }}'
        when {{ target }}.rhythm = 'never' and {{ target }}.quantity = 'composite'
            then '{{ "không để xảy ra, ở tất cả các phần" if vi else "none at all, in every part" }}'
        when {{ target }}.rhythm = 'never' then '{{ "không để xảy ra" if vi else "none at all" }}'
        else
            concat(
                case
                    when {{ is_no_rise(target) }} then '{{ "không tăng" if vi else "no rise" }}'
                    when {{ target }}.quantity = 'reduction_pct'
                        then '{{ "giảm " if vi else "cut by " }}'
                    else ''
                end,
                case
                    when {{ is_no_rise(target) }} then ''
                    else {{ bounds_text(target, language) }}
                end,
                case
                    when {{ is_no_rise(target) }} then ''
                    when {{ target }}.quantity = 'reduction_pct' then ' %'
                    when {{ target }}.quantity = 'composite' or {{ target }}.threshold = 'assigned'
                        then ''
                    else concat(' ', coalesce({{ unit }}, ''))
                end,
                case {{ target }}.rhythm
                    when 'every_year' then '{{ " mỗi năm" if vi else " every year" }}'
                    when 'against_base_year'
                        then
                            concat(
                                '{{ " so với năm " if vi else " against " }}',
                                replace(coalesce({{ target }}.baseline, ''), 'year:', '')
                            )
                    when 'by_end_of_term'
                        then '{{ " đến hết nhiệm kỳ" if vi else " by the end of the term" }}'
                    when 'by_date'
                        then
                            concat(
                                '{{ " đến " if vi else " by " }}',
                                coalesce({{ date_text(target ~ ".by_date") }}, '')
                            )
                    else ''
                end,
                case
                    when {{ target }}.is_beyond_met
                        then '{{ ", vượt mức cũng đạt" if vi else ", beyond passes too" }}'
                    else ''
                end
            )
    end
{%- endmacro %}

{#- "Kiềm chế": a cut of nothing or more. -#}
{% macro is_no_rise(target) -%}
    {{ target }}.quantity = 'reduction_pct' and {{ target }}.comparator = '>=' and {{ target }}.low = 0
{%- endmacro %}

{#- The number of a test with its sign: "≥ 70", "5–10"; words where the number stands elsewhere. -#}
{% macro bounds_text(target, language) -%}
    {%- set vi = language == "vi" -%}
    case
        when {{ target }}.quantity = 'composite'
            then '{{ "đạt tất cả các phần" if vi else "every part kept" }}'
        when {{ target }}.comparator = 'between'
            then
                concat(
                    coalesce({{ number_text(target ~ ".low", language) }}, ''),
                    '–',
                    coalesce({{ number_text(target ~ ".high", language) }}, '')
                )
        else
            concat(
                case {{ target }}.comparator
                    when '>=' then '≥ '
                    when '<=' then '≤ '
                    else concat({{ target }}.comparator, ' ')
                end,
                case
                    when {{ target }}.threshold = 'assigned'
                        then '{{ "mức được giao" if vi else "the value assigned" }}'
                    else coalesce({{ number_text(threshold(target), language) }}, '')
                end
            )
    end
{%- endmacro %}

{#- The single threshold of a comparator that has one, whichever end it was written at. -#}
{% macro threshold(target) -%}
    case
        when {{ target }}.comparator in ('<', '<=') then coalesce({{ target }}.high, {{ target }}.low)
        else coalesce({{ target }}.low, {{ target }}.high)
    end
{%- endmacro %}

{#- A code as words: case code when 'x' then 'chữ' ... end. -#}
{% macro label(code, words, language) -%}
    case {{ code }}
        {% for key, pair in words.items() -%}
        when '{{ key }}' then '{{ pair[0] if language == "vi" else pair[1] }}'
        {% endfor -%}
    end
{%- endmacro %}

{% macro verdict_label(code, language) -%}
    {{ label(code, {
        "met": ["Đạt", "Met"],
        "not_met": ["Không đạt", "Not met"],
        "on_track": ["Đúng tiến độ", "On track"],
        "off_track": ["Chậm tiến độ", "Off track"],
        "cannot_judge": ["Chưa đủ căn cứ kết luận", "Cannot judge yet"],
        "not_due": ["Chưa đến hạn", "Not due"],
        "no_case": ["Không phát sinh để đánh giá", "No case"],
    }, language) }}
{%- endmacro %}

{% macro submission_status_label(code, language) -%}
    {{ label(code, {
        "accepted": ["Đã nhận", "Accepted"],
        "superseded": ["Đã thay bằng bản sau", "Superseded"],
        "rejected": ["Bị trả lại", "Rejected"],
        "held": ["Chờ xem xét", "Held"],
        "missing": ["Chưa gửi", "Missing"],
        "not_due": ["Chưa đến hạn", "Not due"],
    }, language) }}
{%- endmacro %}

{#- A figure beside the one it is judged by: enough digits to see that they differ. -#}
{% macro figure_text(figure, other, language) -%}
    coalesce(
        case
            when {{ figure }} <> {{ other }} and abs({{ figure }} - {{ other }}) < 0.01
                then {{ number_text(figure, language, 6) }}
            else {{ number_text(figure, language, 2) }}
        end,
        '?'
    )
{%- endmacro %}

{#- Which of two grades was reached. -#}
{% macro grade_label(language) -%}
    {%- set vi = language == "vi" -%}
    case grade_code
        when 'full' then '{{ "Đạt mức đầy đủ" if vi else "Full grade" }}'
        when 'lesser'
            then concat('{{ "Đạt mức thấp hơn: " if vi else "Lesser grade: " }}', coalesce(lesser_name_{{ language }}, ''))
        when 'none' then '{{ "Không đạt mức nào" if vi else "Neither grade" }}'
    end
{%- endmacro %}

{#- A cut as a person says it: "giảm 12,18 %", "rose by 12.53 %". -#}
{% macro cut_text(cut, other, language) -%}
    {%- set vi = language == "vi" -%}
    case
        when {{ cut }} < 0
            then concat('{{ "tăng " if vi else "rose by " }}', {{ figure_text("-" ~ cut, other, language) }}, ' %')
        else concat('{{ "giảm " if vi else "cut by " }}', {{ figure_text(cut, other, language) }}, ' %')
    end
{%- endmacro %}

{#- A sentence begins with a capital. -#}
{% macro capitalised(text) -%}
    concat(upper(substring({{ text }}, 1, 1)), substring({{ text }}, 2))
{%- endmacro %}

{#- Why a verdict was given, with the figures it rests on. Columns are those of fct_target_progress. -#}
{% macro verdict_reason_text(language) -%}
    {%- set vi = language == "vi" -%}
    {%- set unit = "coalesce(unit_of_measure, '')" -%}
    {%- set due = "coalesce(" ~ number_text("reports_due", language) ~ ", '0')" -%}
    {%- set received = "coalesce(" ~ number_text("reports_received", language) ~ ", '0')" -%}
    {%- set actual = figure_text("actual", "required", language) -%}
    {%- set missing -%}
        case
            when reports_received >= reports_due
                then '{{ "Kỳ so sánh còn thiếu báo cáo" if vi else "Reports of the period compared with are missing" }}'
            else concat('{{ "Mới nhận " if vi else "Reports in: " }}', {{ received }}, '/', {{ due }}, '{{ " báo cáo" if vi else "" }}')
        end
    {%- endset -%}
    {%- set parts = "concat(" ~ figure_text("actual", "required", language) ~ ", '/', " ~ figure_text("required", "actual", language) ~ ")" -%}
    case verdict_reason
        when 'period_not_begun'
            then '{{ "Kỳ chưa bắt đầu." if vi else "The period has not begun." }}'
        when 'nothing_due_yet'
            then '{{ "Chưa có báo cáo nào của kỳ này đến hạn." if vi else "No report of this period is due yet." }}'
        when 'breach'
            then concat('{{ "Đã phát sinh " if vi else "Occurred: " }}', {{ actual }}, ' ', {{ unit }},
                '{{ "; yêu cầu không để xảy ra." if vi else "; none may occur." }}')
        when 'no_breach'
            then concat('{{ "Không phát sinh; đã nhận " if vi else "None occurred; reports in: " }}', {{ received }}, '/', {{ due }},
                '{{ " báo cáo." if vi else "." }}')
        when 'no_report'
            then concat('{{ "Chưa có số liệu (0/" if vi else "No figure yet (0/" }}', {{ due }}, '{{ " báo cáo có số liệu này)." if vi else " reports have it)." }}')
        when 'no_baseline'
            then '{{ "Không có số liệu của kỳ so sánh." if vi else "There is no figure to compare with." }}'
        when 'no_assigned_value'
            then '{{ "Chưa có mức được giao cho đơn vị trong năm này, nên không có gì để so." if vi else "No value has been assigned to the unit for this year, so there is nothing to compare with." }}'
        when 'nothing_to_compare'
            then '{{ "Không phát sinh: 0 trên 0, không có gì để so sánh." if vi else "Zero over zero: nothing to compare." }}'
        when 'nothing_asked'
            then '{{ "Đơn vị không phải báo cáo nội dung này trong kỳ." if vi else "The unit owed no report of this in the period." }}'
        when 'not_applicable'
            then '{{ "Các báo cáo đều ghi không áp dụng." if vi else "Every report says: not applicable." }}'
        when 'milestone_pending'
            then concat('{{ "Chưa đạt; hạn là " if vi else "Not reached yet; the day is " }}', coalesce({{ date_text("by_date") }}, ''), '.')
        when 'term_decides'
            then '{{ "Số liệu cộng dồn cả nhiệm kỳ: xem kết luận của nhiệm kỳ." if vi else "It adds up over the years: see the row of the term." }}'
        when 'parts_kept'
            then concat('{{ "Đạt cả " if vi else "Every part kept: " }}', {{ parts }}, '{{ " phần." if vi else "." }}')
        when 'part_missed'
            then concat('{{ "Đạt " if vi else "Parts kept: " }}', {{ parts }}, '{{ " phần; một phần không đạt là cả chỉ tiêu không đạt. Chưa đạt: " if vi else "; one that fails, fails the whole. Not kept: " }}', coalesce(part_codes, ''), '.')
        when 'part_unknown'
            then concat('{{ "Đạt " if vi else "Parts kept: " }}', {{ parts }}, '{{ " phần; chưa kết luận được: " if vi else "; not known yet: " }}', coalesce(part_codes, ''), '.')
        when 'part_not_due'
            then concat('{{ "Đạt " if vi else "Parts kept: " }}', {{ parts }}, '{{ " phần; chưa đến hạn: " if vi else "; not due yet: " }}', coalesce(part_codes, ''), '.')
        when 'part_without_case'
            then concat('{{ "Đạt " if vi else "Parts kept: " }}', {{ parts }}, '{{ " phần; không phát sinh để so sánh: " if vi else "; nothing to compare in: " }}', coalesce(part_codes, ''), '.')
        when 'reports_missing'
            then concat({{ missing }}, '{{ "; kết quả " if vi else "; the result " }}',
                case
                    when value_if_missing_low is null and value_if_missing_high is null
                        then '{{ "có thể là bất kỳ" if vi else "may be anything" }}'
                    when value_if_missing_high is null
                        then concat('{{ "có thể từ " if vi else "may be anything from " }}', {{ figure_text("value_if_missing_low", "required", language) }}, '{{ " trở lên" if vi else " up" }}')
                    when value_if_missing_low is null
                        then concat('{{ "cao nhất là " if vi else "may be at most " }}', {{ figure_text("value_if_missing_high", "required", language) }})
                    else concat('{{ "có thể từ " if vi else "may lie between " }}', {{ figure_text("value_if_missing_low", "required", language) }},
                        '{{ " đến " if vi else " and " }}', {{ figure_text("value_if_missing_high", "required", language) }})
                end,
                '{{ ", chưa kết luận được." if vi else ", so it cannot be judged." }}')
        else
            concat(
                case
                    when quantity = 'reduction_pct' and actual is null
                        then '{{ "Tăng từ 0" if vi else "Rose from nothing" }}'
                    when quantity = 'reduction_pct'
                        then {{ capitalised(cut_text("actual", "required", language)) }}
                    else concat('{{ "Thực hiện " if vi else "Actual " }}', {{ actual }}, ' ', {{ unit }})
                end,
                '{{ "; yêu cầu " if vi else "; required " }}', requirement_{{ language }},
                case
                    when target_kind = 'assigned'
                        then concat('{{ " (được giao " if vi else " (assigned " }}', coalesce({{ number_text("target_low", language) }}, '?'), ')')
                    else ''
                end,
                case
                    when required <> target_low and required <> target_high
                        then concat('{{ " (đến nay " if vi else " (by now " }}', {{ number_text("required", language) }}, ')')
                    else ''
                end,
                '.',
                case
                    when grade_code = 'lesser'
                        then concat('{{ " Đạt mức thấp hơn: " if vi else " The lesser grade is kept: " }}', coalesce(lesser_name_{{ language }}, ''), '.')
                    else ''
                end,
                case
                    when verdict in ('met', 'on_track') and verdict_from_base in ('not_met', 'off_track')
                        then concat('{{ " Tính từ năm gốc thì không đạt: " if vi else " Read from the base year it is missed: " }}', {{ cut_text("change_from_base_pct", "required_from_base_pct", language) }},
                            '{{ ", cần giảm " if vi else ", required a cut of " }}', {{ figure_text("required_from_base_pct", "change_from_base_pct", language) }}, ' %.')
                    else ''
                end,
                case
                    when not is_complete
                        then concat(' ', {{ missing }}, '{{ ", phần thiếu không làm đổi kết luận." if vi else "; the missing ones cannot turn this." }}')
                    else ''
                end,
                case
                    when is_denominator_moved
                        then concat('{{ " Số đơn vị ở mẫu số đã đổi từ " if vi else " The units below the line went from " }}', coalesce({{ number_text("previous_denominator", language) }}, '?'),
                            '{{ " (cùng kỳ năm trước) thành " if vi else " (a year before) to " }}', coalesce({{ number_text("denominator", language) }}, '?'),
                            '{{ ": tỷ lệ đổi mà không do công việc." if vi else ": the share moves without any work." }}')
                    else ''
                end)
    end
{%- endmacro %}
