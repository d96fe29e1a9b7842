"""Pages for people, made from the published marts only: scorecard and findings.

Belongs here: templates and the few lines that turn a frame into what a template shows.
Does not belong here: figures that the marts do not hold, styles that need a network.
Every value is escaped: units type what they like into a cell.
"""

from warehouse.report.data import ScorecardData, scorecard_data
from warehouse.report.findings import render_findings
from warehouse.report.scorecard import render_scorecard
from warehouse.report.workbook import scorecard_workbook

__all__ = [
    "ScorecardData",
    "render_findings",
    "render_scorecard",
    "scorecard_data",
    "scorecard_workbook",
]
