"""A registry of police learning recommendations and a tracker of their audit."""

__version__ = "0.1.0"
