"""Scripts behind the Makefile: the book's build, and the notebooks made from its chapters."""
