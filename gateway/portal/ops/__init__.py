"""What the pages of operation share."""
