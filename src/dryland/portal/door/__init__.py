"""Decides who gets to the portal, who he is, and how much he may ask for."""
