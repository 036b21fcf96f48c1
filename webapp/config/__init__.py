"""What a process is told from outside: environment variables, connection URLs, log lines. Imports nothing of webapp."""
