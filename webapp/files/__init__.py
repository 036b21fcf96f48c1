"""Content-addressed files: where they lie, who needs them, copies on this machine. May import models and core."""
