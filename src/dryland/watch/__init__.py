"""Watch: from what builds, checks and runs leave behind to monitors, incidents and alerts."""
