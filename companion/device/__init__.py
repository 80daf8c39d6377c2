"""The machine beneath a session: systemd, the saved position."""
