"""Ways to choose which item to label next: pure functions of what runs say, and of pixels."""
