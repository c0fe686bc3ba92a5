"""The register of partnerships as a page, a map, a timeline and data."""
