"""What can go wrong around the server: what was read, what is wrong, what to do."""


class PostgresFault(RuntimeError):
    """Base of every error of this folder."""


class DataFolderUnusable(PostgresFault):
    """The data folder cannot be made, entered or handed to the server's user."""


class WrongMajorVersion(PostgresFault):
    """The data folder was written by another major version of PostgreSQL."""


class NotStarted(PostgresFault):
    """The cluster was never started, so it has no socket to name."""


class StartFailed(PostgresFault):
    """The server did not come up."""


class LoginRefused(PostgresFault):
    """The server is up, and refuses the superuser's login."""


class RowsHidden(PostgresFault):
    """Row-level security may hide rows from the role that dumps or counts."""


class RowCountsDiffer(PostgresFault):
    """A table and its copy do not hold the same number of rows."""


class ToolFailed(PostgresFault):
    """A PostgreSQL program ended with an error; `said` is all that it printed."""

    def __init__(self, tool: str, code: int, said: str) -> None:
        self.said = said
        super().__init__(f"{tool} ended with code {code} and said: {said.strip() or '(nothing)'}")
