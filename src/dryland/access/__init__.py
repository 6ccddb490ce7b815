"""Who may see and do what: people, rights and masks, and the guard before every query that somebody writes."""
