"""Blocks by their SHA-256 digest, in IPFS or in a folder that names them the same way."""
