"""The verbs of the command line, one module a group. Each imports what it needs when it runs."""
