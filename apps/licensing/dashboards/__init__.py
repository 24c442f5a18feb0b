"""What the contracts and the migration come to: dashboards of a ministry and of the State, with their tables."""
