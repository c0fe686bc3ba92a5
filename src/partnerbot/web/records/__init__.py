"""What is kept of what visitors write, for staff: masked, one file a day, deleted in time."""
