"""The submissions simulator: the workbooks that officers of a programme would send.

Belongs here: made-up figures from measure definitions, officers' habits, planted
faults, send times; everything it writes says SIMULATED.
Does not belong here: reading workbooks (it must never share code with sources.readers,
or the readers would be fitted to it), judging them, real figures.
"""

from sources.simulator.report import PlantedFault, SimulationReport
from sources.simulator.run import SimulationError, simulate

__all__ = ["PlantedFault", "SimulationError", "SimulationReport", "simulate"]
