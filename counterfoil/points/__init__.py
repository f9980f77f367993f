"""Points as cash: rules, orders, their settlement and what proves it."""
