"""Candidates to verdicts: fused checks and profiles."""
