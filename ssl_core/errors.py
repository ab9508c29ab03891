"""The one exception whose text is meant for a person."""


class UserError(Exception):
    """Something a person can put right.

    The message is one plain sentence or two: what was received, what was expected, what to do.
    Pages show it as it is and the command line prints it on standard error; neither shows a
    stack trace.
    """
