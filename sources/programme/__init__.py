"""The programme: what a term programme says, and nothing that happens to it.

Belongs here: the checked types of a programme folder (`model`), reading and checking
that folder (`loader`, `check`), the calendar (`periods`), the reference frames every
other part joins with (`reference`), the shape of a finding (`findings`) and the starter
folder (`scaffold`).
Does not belong here: reading what units send, judging values, any database, any
scheduler, any state. Everything here is a plain function of the folder's text.

Why its home is here: the programme is the first thing the project takes in (it is
itself read from files), and it stands below everything else. `sources`, `expectations`
and `warehouse` never import each other; all three, and `orchestration`, may import this
package, and this package imports none of them. An architecture test holds the rule.
"""
