"""What the grade scorer is trained and measured on: pictures, labels, descriptors.

Nothing outside imports it.
"""
