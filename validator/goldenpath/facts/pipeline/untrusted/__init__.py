"""What people without any right to a repository can bring into a run, and where that becomes commands."""
