"""The second pair of eyes: looks into a case file before its ticket is minted."""
