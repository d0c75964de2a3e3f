"""What every stage stands on: errors, audit, read log, jobs, outbox, locks, privacy, keys."""
