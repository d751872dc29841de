"""What was wished: typed settings, every default written out, base rates."""
