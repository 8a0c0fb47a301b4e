"""The signs at the beginnings of lines by which a mail to the owner tells whose words they are."""

QUOTE_MARK = "│ "
"""Begins each line that a stranger wrote."""

DRAFT_MARK = "┃ "
"""Begins each line of a draft."""

OFFER_MARK = "▶ "
"""Begins the line before a link that carries out a command."""

HEADING_MARKS = ("■ ", "## ")
"""Begin a part of a mail, by language."""

TITLE_MARKS = ("▼ ", "* ")
"""Begin a case or a piece of news, by language."""
