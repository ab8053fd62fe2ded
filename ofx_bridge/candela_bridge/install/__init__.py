"""Candela put where Nuke and DaVinci Resolve find it, and taken out again.

    plan = plan_nuke(here(), command="/opt/candela/bin/candela")
    for change in apply(plan, dry_run=True).changes: print(change.text)

Standard library alone, and no network: everything comes out of the package that is installed.
"""

from candela_bridge.install.apply import apply, undo
from candela_bridge.install.hosts import HOSTS, plan_for, target_of
from candela_bridge.install.places import Machine, here
from candela_bridge.install.plan import Change, Done, InstallError, Plan, RightsError

__all__ = [
    "HOSTS",
    "Change",
    "Done",
    "InstallError",
    "Machine",
    "Plan",
    "RightsError",
    "apply",
    "here",
    "plan_for",
    "target_of",
    "undo",
]
