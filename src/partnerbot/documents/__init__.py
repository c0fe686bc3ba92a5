"""From files to clean documents: one module a format, then cleaning, titles and languages."""
