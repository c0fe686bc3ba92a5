"""Question -> passages -> evidence -> Answer."""
