"""From a bare clone to an environment in which the portal can run; needs nothing but Python."""
