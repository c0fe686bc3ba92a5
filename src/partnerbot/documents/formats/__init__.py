"""One module a format: from a file to its text and what the file says of itself."""
