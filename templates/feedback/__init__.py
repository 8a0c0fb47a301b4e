"""What a seller says after a bad rating: to Amazon, to the buyer, and to everybody who reads it later.

Only the text to the buyer is ever mail, and only after an approval; the others are copied by hand.
"""

from templates.feedback.texts import Page, render_feedback, render_steps, seller_page

__all__ = ["Page", "render_feedback", "render_steps", "seller_page"]
