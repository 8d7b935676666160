"""What the pages of departments share."""
