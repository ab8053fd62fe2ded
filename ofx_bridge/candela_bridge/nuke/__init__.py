"""Nuke: what the nodes CandelaReconstruct and CandelaScore, the menu and `nuke -t` do.

Standard library and Nuke's own module alone, Python 3.9 and later. The folder `folder` is for NUKE_PATH.
"""
