"""A discriminator that is the classifier too, and a generator that matches its features."""
