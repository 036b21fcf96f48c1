"""REST. A view validates the request, checks access, calls one function of the domain, and serialises the result."""
