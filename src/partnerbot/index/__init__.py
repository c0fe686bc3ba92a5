"""Documents -> passages -> embeddings and lexical evidence -> an index on disk, and its search."""
