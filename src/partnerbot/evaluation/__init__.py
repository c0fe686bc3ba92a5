"""Data sets, what the bot makes of them, and how good that is."""
