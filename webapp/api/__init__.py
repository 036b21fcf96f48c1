"""REST: an action parses, asks who may see the row, calls one function of the domain, serialises."""
