"""DaVinci Resolve: the shots of its timeline, scores as markers of ours, and reconstruction on its nodes.

Standard library and the vendor's scripting module alone, Python 3.9 and later. External scripting is
Studio's.
"""
