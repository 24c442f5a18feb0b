"""What the operator may know of each ministry's contracts and migration: measures of a day, and pages of the State."""
