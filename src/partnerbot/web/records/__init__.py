"""What is kept of what visitors write, and counted, for staff: masked, one file a day, deleted in time."""
