"""Text to tree: the grammar's tables, the parser, and its recovery from syntax errors."""
