"""The shelf: how references and their known variants come, are kept, checked, used and go.

`recipes` says where things are, `web` and `download` fetch them, `installer` and `update` put a
reference together, `part` and `whole` make known variants of them (in a child process), `known` is
what a reference then has, and `use` is how a run uses it. Nothing is imported from here until
it is asked for.
"""
