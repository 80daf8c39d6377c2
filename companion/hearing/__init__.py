"""Telling a spoken command from confidential talk. Text from a microphone never leaves this package."""
