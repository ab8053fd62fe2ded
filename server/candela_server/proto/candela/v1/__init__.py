"""`candela.v1`: fields are added, never changed or used again."""
