"""The machine beneath a session: systemd, memory that is never swapped, the saved position."""
