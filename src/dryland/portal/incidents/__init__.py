"""Tells what broke: incidents, their cause and proof, and what monitors see."""
