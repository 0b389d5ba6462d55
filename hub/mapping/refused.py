"""What a codec does not take."""


class Refused(Exception):  # noqa: N818 - it becomes a finding, it is no error of the program
    """A value a codec does not take: the code of the finding, what is wrong with it, and what was expected.

    written: what is written all the same, where the finding is a warning.
    """

    def __init__(
        self, code: str, message: str, expected: str | None = None, written: str | tuple[str, ...] | None = None
    ) -> None:
        super().__init__(message)
        self.written = written
        self.code = code
        self.message = message
        self.expected = expected
