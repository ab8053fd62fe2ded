"""Importing the package costs no codec."""

from __future__ import annotations

import subprocess
import sys


def test_heavy_packages_are_imported_late() -> None:
    script = (
        "import sys, candela_engines.media, candela_engines.media.sequence, candela_engines.media.timeline; "
        "import candela_engines.media.movie, candela_engines.media.open_clip; "
        "print([n for n in ('OpenImageIO', 'imagecodecs', 'PyOpenColorIO', 'colour', 'av', 'torch',"
        " 'fileseq', 'opentimelineio')"
        " if n in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
