{#- Words that a person reads, in both languages. -#}

{#- A target's test in short: "giảm ≥ 5 % mỗi năm", "≥ 70 % by the end of the term". -#}
{% macro requirement_text(target, unit, language) -%}
    {%- set vi = language == "vi" -%}
    case
        when {{ target }}.rhythm = 'none' or {{ target }}.quantity = 'none'
            then '{{ "không nêu số" if vi else "no number given" }}'
        when {{ target }}.rhythm = 'never' then '{{ "không để xảy ra" if vi else "none at all" }}'
        else
            concat(
                case
                    when {{ target }}.quantity = 'reduction_pct'
                        then '{{ "giảm " if vi else "cut by " }}'
                    else ''
                end,
                case
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
                            coalesce(
                                {{ number_text(threshold(target), language) }},
                                ''
                            )
                        )
                end,
                case
                    when {{ target }}.quantity = 'reduction_pct' then ' %'
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

{#- Why a verdict was given, with the figures it rests on. Columns are those of fct_target_progress. -#}
{% macro verdict_reason_text(language) -%}
    {%- set vi = language == "vi" -%}
    {%- set unit = "coalesce(unit_of_measure, '')" -%}
    {%- set due = "coalesce(" ~ number_text("reports_due", language) ~ ", '0')" -%}
    {%- set received = "coalesce(" ~ number_text("reports_received", language) ~ ", '0')" -%}
    {%- set actual = figure_text("actual", "required", language) -%}
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
            then concat('{{ "Chưa nhận được báo cáo nào (0/" if vi else "No report received (0/" }}', {{ due }}, ').')
        when 'no_baseline'
            then '{{ "Không có số liệu của kỳ so sánh." if vi else "There is no figure to compare with." }}'
        when 'nothing_to_compare'
            then '{{ "Không phát sinh: 0 trên 0, không có gì để so sánh." if vi else "Zero over zero: nothing to compare." }}'
        when 'not_applicable'
            then '{{ "Các báo cáo đều ghi không áp dụng." if vi else "Every report says: not applicable." }}'
        when 'milestone_pending'
            then concat('{{ "Chưa đạt; hạn là " if vi else "Not reached yet; the day is " }}', coalesce({{ date_text("by_date") }}, ''), '.')
        when 'reports_missing'
            then concat('{{ "Mới nhận " if vi else "Reports in: " }}', {{ received }}, '/', {{ due }},
                '{{ " báo cáo; kết quả có thể từ " if vi else "; the result may lie between " }}', {{ figure_text("value_if_missing_low", "required", language) }},
                '{{ " đến " if vi else " and " }}', {{ figure_text("value_if_missing_high", "required", language) }},
                '{{ ", chưa kết luận được." if vi else ", so it cannot be judged." }}')
        else
            concat(
                case
                    when quantity = 'reduction_pct' and actual < 0
                        then concat('{{ "Tăng " if vi else "Rose by " }}', {{ figure_text("-actual", "required", language) }}, ' %')
                    when quantity = 'reduction_pct'
                        then concat('{{ "Giảm " if vi else "Cut by " }}', {{ actual }}, ' %')
                    else concat('{{ "Thực hiện " if vi else "Actual " }}', {{ actual }}, ' ', {{ unit }})
                end,
                '{{ "; yêu cầu " if vi else "; required " }}', requirement_{{ language }},
                case
                    when required <> target_low and required <> target_high
                        then concat('{{ " (đến nay " if vi else " (by now " }}', {{ number_text("required", language) }}, ')')
                    else ''
                end,
                '.',
                case
                    when not is_complete
                        then concat('{{ " Mới nhận " if vi else " Reports in: " }}', {{ received }}, '/', {{ due }},
                            '{{ " báo cáo, phần thiếu không làm đổi kết luận." if vi else "; the missing ones cannot turn this." }}')
                    else ''
                end)
    end
{%- endmacro %}
