"""SDR to HDR where no payload and no master is at hand: engines by name, and what they do to known levels.

Import what is needed from its module:

`engine`      what an engine is, and the list of them
`reference`   the ITU's own: BT.2408 placement, BT.2446 methods A and C
`chart`       known levels (white, grey card, skin) through an engine
`suspicion`   pictures that are no graded SDR: camera log, PQ under SDR's name
"""
