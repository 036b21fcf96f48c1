"""The torch half of the engine: builds, trains and exports networks. Only workers and the CLI's commands import it."""
