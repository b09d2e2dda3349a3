"""Who waits and who answers: the automatic call distributor. Never imports `ivr`."""
