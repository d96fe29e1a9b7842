"""Sources: from bytes at their origin to observations, and the programme's own data.

Belongs here: connectors (where files come from), readers (bytes to submissions,
observations and findings), what both agree on (`bundle`, `json_paths`), the product's
own workbook (`template`), marked workbooks as answers to units (`replies`), the
submissions simulator, the programme model (`programme`) and the programmes we ship
(`programmes`).
Does not belong here: whether a value may enter (`expectations`), keeping or publishing
anything (`warehouse`), when things run (`orchestration`).
"""
