"""Programs as torch modules, and weights inherited from another network."""
