"""What every action of the panel does, by the names that keys and buttons have for it."""

from __future__ import annotations

from typing import Any, Callable, Dict

from candela_bridge.panel.widgets import dialogs

__all__ = ["actions_of"]


def actions_of(panel: Any) -> Dict[str, Callable[[], object]]:
    """Actions but for the views, which `Panel.act` knows by their beginning. panel: a `Panel`."""
    v, player = panel.viewing, panel.viewing.player
    return {
        "open": lambda: dialogs.ask_open(panel),
        "set_sdr": lambda: dialogs.ask_side(panel, "sdr"),
        "set_other": lambda: dialogs.ask_side(panel, "other"),
        "colours": lambda: dialogs.ask_colours(panel),
        "house": panel.houses.ask,
        "more": lambda: dialogs.show_more(panel),
        "help": lambda: dialogs.show_help(panel),
        "find": lambda: panel.list.find.setFocus(),
        "next_shot": lambda: panel.list.step(1),
        "previous_shot": lambda: panel.list.step(-1),
        "score_selected": lambda: panel.score_selected(),
        "score_fresh": lambda: panel.score_selected(fresh=True),
        "score_all": lambda: panel.scoring.score([r for r in panel.list.rows if r.verdict is None]),
        "cancel": lambda: v.stop() if player.playing else panel.cancel(),
        "play": lambda: v.play(not player.playing),
        "every_frame": lambda: v.set_every(not player.every),
        "next_frame": lambda: v.go(player.at + 1),
        "previous_frame": lambda: v.go(player.at - 1),
        "forward": lambda: v.go(player.at + 12),
        "back": lambda: v.go(player.at - 12),
        "first_frame": lambda: v.go(player.first),
        "last_frame": lambda: v.go(player.last),
        "worst_frame": panel.worst,
        "wipe": lambda: v.set_wiping(not panel.player.canvas.wiping),
        "swap": v.swap,
        "boxes": panel.boxes,
        "uniform": lambda: panel.cie.set_uniform(not panel.cie.uniform),
        "fit": panel.player.canvas.fit,
        "next_reason": lambda: panel.reasons.step(1),
        "previous_reason": lambda: panel.reasons.step(-1),
        "compare": lambda: panel.choosing.compare(not panel.choosing.comparing),
        "choose_left": lambda: panel.choosing.choose(True),
        "choose_right": lambda: panel.choosing.choose(False),
        "skip": panel.choosing.next_pair,
        "undo_choice": panel.choosing.undo,
    }
