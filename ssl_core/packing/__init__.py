"""A whole workspace as one file, and back on another machine."""
