"""What people answered, and what to ask next."""
