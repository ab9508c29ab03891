"""Studies of what labels cost against what they bring."""
