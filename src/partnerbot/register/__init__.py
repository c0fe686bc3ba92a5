"""Who is partner of whom, since when and in which fields: mined from the documents, corrected by staff."""
