"""What an archive holds, as figures."""
