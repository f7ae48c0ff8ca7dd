"""What GAS speaks of: jobs, accounts, plans, messages, errors. No clock, store or network."""
