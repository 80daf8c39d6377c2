"""The light: what a session means, as pixels, and the rings, strips and lamps that show them."""
