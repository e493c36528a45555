"""Try a receiver: send it what an unlucky network and a forger would, and grade its answers.

May import urllib3, which requests brings, for what requests cannot express.
Must never hold an endpoint of the server's, nor print or store the secret it signs with.
"""

from openredress.receiver_check.cases import CASES, Case
from openredress.receiver_check.grading import Result, check

__all__ = ["CASES", "Case", "Result", "check"]
