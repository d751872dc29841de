"""A believable invented company to try the house with."""
