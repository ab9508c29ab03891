"""One reader a file format; `detect.py` finds out which one a location needs."""
