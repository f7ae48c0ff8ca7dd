"""The journey of a job, one step a module. Steps meet in messages and never import each other."""
