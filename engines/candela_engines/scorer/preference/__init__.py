"""The compact policy of preference: a distribution over score bins, taught on labels of a studio's own.

NumPy alone, so that a house can teach it where nothing but Candela is installed. Import the submodules.
"""
