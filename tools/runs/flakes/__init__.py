"""Which tests are flaky: pure statistics over what history says. docs/flakes.md has the formulas and their sources."""

from tools.runs.flakes.cost import Cost, cost, ranked, red_by_flake, trials_to_see
from tools.runs.flakes.judgement import Judgement, State, judge, p_this_red_is_flake
from tools.runs.flakes.outage import outage
from tools.runs.flakes.prior import Prior, fit
from tools.runs.flakes.survey import learn

__all__ = [
    "Cost",
    "Judgement",
    "Prior",
    "State",
    "cost",
    "fit",
    "judge",
    "learn",
    "outage",
    "p_this_red_is_flake",
    "ranked",
    "red_by_flake",
    "trials_to_see",
]
