"""The page for staff: how many asked what, what had no answer, and what visitors said of answers."""
