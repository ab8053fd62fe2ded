"""The panel's windows. Only what is in here imports Qt."""
