"""Networks for hosts without a plug-in: as DCTL, as BlinkScript, and as a LUT."""
