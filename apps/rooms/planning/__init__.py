"""What makes planning quick: delegations, saved groups and templates, date polls, meetings moved over."""
