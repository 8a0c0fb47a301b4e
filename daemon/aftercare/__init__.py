"""What comes beside and after the mail: ratings, calls, returns, refunds, and what is learnt of a case."""
