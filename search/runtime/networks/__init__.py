"""Programs as torch modules, and weight inheritance between image networks."""
