"""Verdicts to publish or refuse: environments, releases, rollback, retention."""
