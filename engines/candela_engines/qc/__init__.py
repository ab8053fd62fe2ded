"""Quality control: rules, what is measured for them, findings, and the result that reports are made of."""
