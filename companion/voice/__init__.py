"""The voice: sentences to sound, kept, played, and cut off at once."""
