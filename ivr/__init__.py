"""What a caller hears and says, and the bridge to Asterisk."""
