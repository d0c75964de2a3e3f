"""Staff accounts: who they are, which roles they hold where and when, what they may see."""
