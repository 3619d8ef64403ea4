"""PURE: the A4 papers that the printer program makes, as HTML pages."""
