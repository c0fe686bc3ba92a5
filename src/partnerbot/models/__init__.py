"""All that runs a network: the embedded model and reader, and those that an owner plugs in."""
