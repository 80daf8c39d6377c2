"""Phrases to commands, and sentences for what is said: one TOML file a language."""
