"""Answers: figures, reports as PDF, and the processes that make them. WeasyPrint is imported only here."""
