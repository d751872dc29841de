"""The words of the house: money, debtor, open item, statement, entry, allocation, finding. Pure."""
