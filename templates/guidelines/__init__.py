"""What Amazon forbids in a message to a buyer, looked for before anything is sent.

The rules are data in ``rules/*.toml``. A text is read as it would be without its disguises (`views`), and
a finding shows the words as they were written.
"""

from templates.guidelines.checking import check
from templates.guidelines.findings import Finding, Severity, is_blocked
from templates.guidelines.public_replies import check_public_reply

__all__ = ["Finding", "Severity", "check", "check_public_reply", "is_blocked"]
