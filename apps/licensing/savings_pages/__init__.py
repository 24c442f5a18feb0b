"""What the contracts cost, free and save month by month, as pages on which every number can be opened."""
