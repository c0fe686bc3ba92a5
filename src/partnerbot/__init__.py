"""Partnerbot answers questions from an institution's documents, with cited sources."""

__version__ = "0.1.0"
