"""A chain and an IPFS node of one's own: found, started, looked after and ended."""
