"""What visitors and programs see: the chat, the HTTP API and the source pages."""
