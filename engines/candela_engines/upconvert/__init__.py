"""SDR to HDR where no payload and no master is at hand: engines by name, and what they do to known levels.

Import what is needed from its module:

`engine`      what an engine is, and the list of them
`reference`   the ITU's own: BT.2408 placement, BT.2446 methods A and C
`chart`       known levels (white, grey card, skin) through an engine
`graphs`      AGCM and HDCFM as ONNX graphs: of the whole picture's context, and of its pixels
`network`     the two at work, in tiles that give what the whole frame gives
`highlights`  the second stage: highlights made up where SDR clipped
`levels`      what a picture's levels tell, for the networks' context
`anchors`     the reference renderings that a network adds to
`suspicion`   pictures that are no graded SDR: camera log, PQ under SDR's name

`training` (the extra `train`) has the networks in torch; nothing else imports it.
"""
