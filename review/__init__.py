"""The accountant's desk: decisions of people, thin over the pure rooms."""
