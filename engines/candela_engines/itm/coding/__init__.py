"""Entropy coding of weights, latents and planes: integer arithmetic only, the same on every machine.

Nothing here looks at the picture: a payload decodes to the same numbers in any host, whatever the host
did to the pixels before.
"""
