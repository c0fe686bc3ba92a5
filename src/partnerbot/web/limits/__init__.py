"""How much one client, and all of them, may ask of the server, and what they are told beyond."""
