"""What a dataset is, the built-in ones, how they are split, and how text becomes numbers. May import base."""
