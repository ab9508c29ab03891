"""Models that leave: an archive with the model, its card, and a script that runs it."""
