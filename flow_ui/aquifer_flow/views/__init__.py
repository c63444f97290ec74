"""One module per family of pages: each view makes the view-model of a page."""
