"""nuke -t candela_score.py SCRIPT.nk [--help]"""

import sys

from candela_bridge.nuke import terminal

sys.exit(terminal.main(terminal.given(sys.argv)))
