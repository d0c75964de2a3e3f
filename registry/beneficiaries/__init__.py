"""Who receives what: cycles with their gates, candidates, decisions, holds."""
