"""Sphinx extensions of this book, one for each thing a page has beside its text."""
