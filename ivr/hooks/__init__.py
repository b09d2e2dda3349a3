"""Web hooks: a value that a caller gave is checked and answered by the company's own service."""
