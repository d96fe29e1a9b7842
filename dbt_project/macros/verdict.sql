{#- Rules of comparison over exact fractions worst / worst_of <= figure <= best / best_of. Never divided:
    164 of 235 against 70 % is 16400 >= 70 x 235. path_part / path_whole is the way to the threshold.
    A null (no upper bound) makes a rule unknown, which the caller takes for "not sure". -#}

{#- Every figure that is possible passes. -#}
{% macro surely_passes() -%}
    case path_comparator
        when '>=' then worst * path_whole >= low * worst_of * path_part
        when '>' then worst * path_whole > low * worst_of * path_part
        when '<=' then best * path_whole <= low * best_of * path_part
        when '<' then best * path_whole < low * best_of * path_part
        when '=' then worst = low * worst_of and best = low * best_of
        when 'between' then worst >= low * worst_of and best <= high * best_of
    end
{%- endmacro %}

{#- No figure that is possible passes. -#}
{% macro surely_fails() -%}
    case path_comparator
        when '>=' then best * path_whole < low * best_of * path_part
        when '>' then best * path_whole <= low * best_of * path_part
        when '<=' then worst * path_whole > low * worst_of * path_part
        when '<' then worst * path_whole >= low * worst_of * path_part
        when '=' then best < low * best_of or worst > low * worst_of
        when 'between' then best < low * best_of or worst > high * worst_of
    end
{%- endmacro %}
