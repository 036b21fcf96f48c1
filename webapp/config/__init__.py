"""Configuration of a process: environment variables, connection URLs, logging. Imports nothing from webapp."""
