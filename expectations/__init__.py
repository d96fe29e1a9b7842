"""Expectations: may this submission, this value enter; may this build be published.

Belongs here: the catalogue of suites and rules (`catalogue/`, read by `rules`), what
a programme sets and declares beside it (`rulebook`, `declared`), their words
(`messages`), the frames that each suite looks at (`submissions`, `observations`,
`context`), the suites made from them (`suites`), the runner (`runner`), the gates
(`gate1`, `gate2`) and trying a rule on history (`backtest`). This is the only home of
great_expectations, which is imported late: it takes seconds, and a run with nothing new
must not pay them.
Does not belong here: reading files (`sources`), keeping or publishing anything
(`warehouse`), when things run or how a scheduler shows them (`orchestration`).

A rule lives once, in `catalogue/`; code prepares columns and never decides.
"""
