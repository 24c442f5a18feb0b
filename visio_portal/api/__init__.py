"""What every REST resource shares: tokens, scopes, rates, pages, one shape of error, and the description."""
