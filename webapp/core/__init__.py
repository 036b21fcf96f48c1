"""What all parts share: errors, the clock of the database, short transactions, retries, pokes. May import config."""
