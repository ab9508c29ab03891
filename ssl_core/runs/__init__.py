"""Trainings as folders of plain files: asking for one, looking after it, reading it."""
