"""What every queue to the outside shares: claimed rounds with bounded room, and a breaker."""
