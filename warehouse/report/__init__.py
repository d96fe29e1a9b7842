"""Pages and workbooks for people, made from the published marts: scorecard, findings.

Belongs here: reading what a page shows (`data`), its words, drawings and templates.
Does not belong here: figures that the marts do not hold, styles or fonts that need a
network. Every value is escaped, and never a formula: units type what they like.
"""

from warehouse.report.anchors import finding_places
from warehouse.report.data import ScorecardData, scorecard_data
from warehouse.report.findings import render_findings
from warehouse.report.scorecard import render_scorecard
from warehouse.report.workbook import scorecard_workbook

__all__ = [
    "ScorecardData",
    "finding_places",
    "render_findings",
    "render_scorecard",
    "scorecard_data",
    "scorecard_workbook",
]
