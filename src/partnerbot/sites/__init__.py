"""From an institution's site to a folder that is indexed like the documents."""
