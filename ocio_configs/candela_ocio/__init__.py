"""OCIO configs as package data, and finding the config in force."""
