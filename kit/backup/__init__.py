"""Backups of the database server: a base a day, the log of writes after it all the time, and the way back."""
