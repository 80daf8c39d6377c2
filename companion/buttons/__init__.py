"""The buttons: edges to gestures, and the places where edges come from."""
