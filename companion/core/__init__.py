"""The pure core: frozen values and functions, no clock, thread, file or log."""
