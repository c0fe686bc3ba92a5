"""Fluent answers by a language model, every sentence verified before it is shown."""
