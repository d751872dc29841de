"""What to say to a late debtor, when, in which words, at which price; and when to keep silent. Pure."""
