"""Entry file of the code location; assembly lives in `build.py`."""

from orchestration.build import build_defs

defs = build_defs()
