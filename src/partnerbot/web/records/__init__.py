"""What is kept of what visitors write, and counted, for staff: masked, in a database, deleted in time."""
