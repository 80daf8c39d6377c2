"""A whole device in the terminal: the real loop on a clock that can be hurried."""
