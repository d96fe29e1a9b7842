"""The product's own workbook: its layout and its writer.

Belongs here: where things stand in the workbook (`layout`), what one workbook says
(`content`), how a form is drawn (`render`, `formats`, `validation`, `meta_sheet`) and
filled in (`stamp`), what it checks by itself (`checks`, `box_checks`, `declared`, drawn
by `check_cells`), and `write_template` and `write_templates` (`writer`).
Does not belong here: reading workbooks (sources.readers), inventing figures
(sources.simulator), deciding whether a figure is right (expectations).
"""
