"""Chain events in tables: one scanner that follows the chain through its reorganisations."""
