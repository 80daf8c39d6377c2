"""An offline, voice-driven companion for intervision sessions."""

__version__ = "0.1.0"
