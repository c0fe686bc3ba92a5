"""The documents behind the answers, as pages that visitors open."""
