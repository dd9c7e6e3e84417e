"""Tests of the language server, over standard input and output."""
