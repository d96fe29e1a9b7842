"""Plausibility: what a count was expected to be, from its own past and from its peers.

Belongs here: the dense series of one form (`series`), the count model (`model`), what
like units say (`peers`) and the sweep over a form's periods (`sweep`).
Does not belong here: deciding (a rule of the catalogue compares the value with its
interval), words, frames of suites (`context`), reading the past (`warehouse`).

The model, in short. A count of unit u in period p is expected at r_u * g_p: r_u is the
unit's own rate over its earlier periods, newer ones weighing more, and g_p says how
units of the same level fared in p against their own rates, u left out and slips capped.
With few or small peers g_p is drawn towards the unit's own average. Around the
expectation lies a negative binomial: Poisson chance, plus the over-dispersion of the
measure at that level, plus what is not known of r_u and of g_p. Stocks are judged the
same way with a memory of one period: against the last value and the usual change.
"""
