"""Work beside the web: what is due, claimed with a lease."""
