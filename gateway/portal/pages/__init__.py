"""One room a folder, one file a page of the site."""
