"""The migration of a ministry: headcounts, waves, readiness, exemptions and targets."""
